using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using StreamPlatform.Schemas.V1;

namespace StreamPlatform.Topology.Questions;

/// <summary>The questions that an interview can ask. Every question handed out is a copy of its own.</summary>
public sealed class QuestionBank
{
    private static readonly Lazy<QuestionBank> Embedded = new(LoadEmbedded);

    private readonly Dictionary<string, BankedQuestion> byId = [];
    private readonly List<BankedQuestion> all = [];

    /// <exception cref="InvalidDataException">A question is incomplete or an id occurs twice; the message names it.</exception>
    public QuestionBank(IEnumerable<BankedQuestion> questions)
    {
        foreach (BankedQuestion question in questions)
        {
            question.Validate();
            if (!byId.TryAdd(question.Id, question))
            {
                throw new InvalidDataException($"The question bank has two questions with the id \"{question.Id}\".");
            }
            all.Add(question);
        }
    }

    /// <summary>The bank that the platform ships (questions.json).</summary>
    public static QuestionBank Default => Embedded.Value;

    /// <summary>The demo's interview: two passages read aloud, one technical question typed.</summary>
    public static IReadOnlyList<string> DemoIds { get; } = ["read-passage-1", "read-passage-2", "exactly-once-consumer"];

    /// <summary>Ids in the bank's order.</summary>
    public IEnumerable<string> Ids => all.Select(question => question.Id);

    /// <summary>The question with this id, index 0.</summary>
    /// <exception cref="KeyNotFoundException">There is none.</exception>
    public Question Get(string id) =>
        TryGet(id, out Question? question) ? question : throw new KeyNotFoundException($"The question bank has no question \"{id}\".");

    public bool TryGet(string id, [NotNullWhen(true)] out Question? question)
    {
        question = byId.TryGetValue(id, out BankedQuestion? found) ? found.ToQuestion(0) : null;
        return question is not null;
    }

    /// <summary>These questions in this order, with their index in the interview.</summary>
    /// <exception cref="KeyNotFoundException">One of them does not exist.</exception>
    public IReadOnlyList<Question> Select(IEnumerable<string> ids)
    {
        List<Question> chosen = [];
        foreach (string id in ids)
        {
            Question question = Get(id);
            question.Index = chosen.Count;
            chosen.Add(question);
        }
        return chosen;
    }

    /// <summary>Up to <paramref name="count"/> questions for a position such as "Backend Engineer": first those whose positions its words name, then those for anyone. Deterministic.</summary>
    public IReadOnlyList<Question> ForPosition(string? position, int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        string[] words = (position ?? "").ToLowerInvariant().Split([' ', '-', '/', ',', '.'], StringSplitOptions.RemoveEmptyEntries);
        IEnumerable<BankedQuestion> fitting = all.Where(question => question.Positions.Any(words.Contains));
        IEnumerable<BankedQuestion> forAnyone = all.Where(question => question.Positions.Contains("any"));
        return [.. fitting.Concat(forAnyone).DistinctBy(question => question.Id).Take(count).Select((question, index) => question.ToQuestion(index))];
    }

    /// <summary>The first follow-up of a question whose id is not among <paramref name="askedIds"/>; null when there is none.</summary>
    public Question? FollowUp(string questionId, IReadOnlyCollection<string> askedIds)
    {
        if (!byId.TryGetValue(questionId, out BankedQuestion? question))
        {
            return null;
        }
        return Enumerable.Range(0, question.FollowUps?.Count ?? 0).Select(question.ToFollowUp).FirstOrDefault(each => !askedIds.Contains(each!.Id));
    }

    private static QuestionBank LoadEmbedded()
    {
        using Stream stream = typeof(QuestionBank).Assembly.GetManifestResourceStream("questions.json")
            ?? throw new InvalidDataException("The assembly lacks its resource questions.json.");
        List<BankedQuestion> questions = JsonSerializer.Deserialize<List<BankedQuestion>>(stream, JsonSerializerOptions.Web)
            ?? throw new InvalidDataException("questions.json is empty.");
        return new QuestionBank(questions);
    }
}
