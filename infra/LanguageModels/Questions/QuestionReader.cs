using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using StreamPlatform.Schemas.V1;
using StreamPlatform.Topology.Ports;

namespace StreamPlatform.LanguageModels.Questions;

/// <summary>What a model wrote, read as the schema says and checked; the model itself is not trusted to keep either.</summary>
/// <param name="Question">The question; null when there is none.</param>
/// <param name="Fault">Why there is none; null also when the model saw no need of one.</param>
internal sealed record ReadQuestion(Question? Question, string? Fault)
{
    /// <summary>Characters of an answer that are looked at; a longer one is no question.</summary>
    private const int MaxAnswerChars = 8_000;

    /// <summary>A key point whose words of content stand in the answer to this part could have been planted by it.</summary>
    private const double PlantedFrom = 0.8;

    private static readonly JsonSerializerOptions Strict = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        AllowDuplicateProperties = false,
        MaxDepth = 4,
    };

    /// <summary>The answer to <see cref="QuestionPrompts.QuestionSchema"/>.</summary>
    public static ReadQuestion Generated(string answer, string source)
    {
        if (Parse<GeneratedJson>(answer) is not { Question: { } question, Competency: { } competency, KeyPoints: { } points })
        {
            return new(null, "schema");
        }

        var topic = QuestionText.Tidy(competency);
        return topic.Length is 0 or > QuestionText.MaxCompetencyChars || topic.Any(c => c is < ' ' or > '~' or '<' or '>')
            ? new(null, "competency")
            : Checked("gen", question, topic, points, source);
    }

    /// <summary>The answer to <see cref="QuestionPrompts.FollowUpSchema"/>.</summary>
    public static ReadQuestion FollowUp(string answer, FollowUpBrief brief, string source)
    {
        if (Parse<FollowUpJson>(answer) is not { Ask: { } ask } parsed)
        {
            return new(null, "schema");
        }

        if (!ask)
        {
            return new(null, null);
        }

        if (parsed is not { Question: { } text, KeyPoints: { } points })
        {
            return new(null, "schema");
        }

        var read = Checked("fu", text, brief.Question.Competency, points, source);
        if (read.Question is not { } question)
        {
            return read;
        }

        // the answer is the candidate's: it must neither choose a new subject nor write the points that it is scored by
        var subject = Tokenizer.Terms($"{brief.Question.Text} {brief.Question.Competency} {string.Join(' ', brief.Question.KeyPoints)}");
        var said = Tokenizer.Terms(brief.Answer);
        if (!Tokenizer.Terms(question.Text).Overlaps(subject))
        {
            return new(null, "another subject");
        }

        if (question.KeyPoints.Select(Tokenizer.Terms).Any(point => point.Count(said.Contains) >= PlantedFrom * point.Count))
        {
            return new(null, "key point taken from the answer");
        }

        if (brief.Asked.Any(other => QuestionText.IsSame(question.Text, other)))
        {
            return new(null, "duplicate");
        }

        question.FollowUpOf = brief.Question.FollowUpOf.Length > 0 ? brief.Question.FollowUpOf : brief.Question.Id;
        return read;
    }

    private static ReadQuestion Checked(string prefix, string text, string competency, IReadOnlyList<string?> points, string source)
    {
        var tidy = QuestionText.Tidy(text);
        var tidyPoints = points.Select(point => QuestionText.Tidy(point ?? "")).ToList();
        if ((QuestionText.Refuse(tidy) ?? QuestionText.RefuseKeyPoints(tidyPoints)) is { } fault)
        {
            return new(null, fault);
        }

        var id = $"{prefix}-{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(tidy)).AsSpan(0, 6))}";
        return new(new Question { Id = id, Text = tidy, Competency = competency, KeyPoints = { tidyPoints }, Source = source }, null);
    }

    private static T? Parse<T>(string answer)
        where T : class
    {
        if (answer.Length > MaxAnswerChars)
        {
            return null;
        }

        try
        {
            return JsonSerializer.Deserialize<T>(answer, Strict);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private sealed record GeneratedJson(string? Question, string? Competency, IReadOnlyList<string?>? KeyPoints);

    private sealed record FollowUpJson(bool? Ask, string? Question, IReadOnlyList<string?>? KeyPoints);
}
