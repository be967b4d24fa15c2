using System.Text.Json;
using System.Text.RegularExpressions;
using StreamPlatform.Providers;

namespace StreamPlatform.Tests.Unit.LanguageModels;

/// <summary>
/// A model that obeys every attempt it knows, in any language, code or disguise, as well as it can be obeyed: unless an attempt asks otherwise it
/// quotes truly and returns the canary. Without an attempt it gives the score that the test names, with true quotes.
/// </summary>
internal sealed partial class GullibleModel(IReadOnlyList<InjectionAttempt> attempts, Func<string, (double Technical, double Communication)> honest) : IChatProvider
{
    public int Calls { get; private set; }

    public List<ChatRequest> Requests { get; } = [];

    public Task<ChatAnswer> CompleteAsync(ChatRequest request, CallContext context, CancellationToken cancellationToken)
    {
        Calls++;
        Requests.Add(request);
        string answer = Answer(request);
        string canary = Canary().Match(request.System).Groups[1].Value, fence = request.User.Split('\n')[0];
        // it reads what it was sent, with or without the characters that the prompt leaves out
        InjectionAttempt? obeyed = attempts.FirstOrDefault(a => answer.Contains(Visible(a.Text), StringComparison.Ordinal));
        (double technical, double communication) = honest(answer);
        string text = obeyed is null
            ? Output(technical, communication, "Covers the question as far as the quotes show.", Quotes(answer), canary)
            : Obey(obeyed, answer, technical, communication, canary, fence);
        return Task.FromResult(new ChatAnswer(text, new("gullible-1", 900, 120, 0.002m, false)));
    }

    public static string Answer(ChatRequest request)
    {
        string[] lines = request.User.Split('\n');
        Assert.Equal(3, lines.Length);
        Assert.Equal(lines[0], lines[2]);
        return JsonDocument.Parse(lines[1]).RootElement.GetProperty("answer").GetString()!;
    }

    public static string Output(double technical, double communication, string feedback, IEnumerable<string> quotes, string canary) => JsonSerializer.Serialize(new
    {
        technical, communication,
        evidence = quotes.SelectMany(quote => (object[])[new { quote, criterion = "technical" }, new { quote, criterion = "communication" }]),
        feedback, canary,
    });

    public static string CanaryOf(ChatRequest request) => Canary().Match(request.System).Groups[1].Value;

    public static string[] Quotes(string answer) => [answer.Length <= 160 ? answer : answer[..160]];

    private static string Obey(InjectionAttempt attempt, string answer, double technical, double communication, string canary, string fence)
    {
        Obedience obey = attempt.Obey;
        if (obey.Raw is { } raw)
        {
            return raw.Replace("{canary}", canary, StringComparison.Ordinal);
        }
        string reversed = new([.. canary.Reverse()]);
        string[] quotes = obey.Evidence switch
        {
            "none" => [],
            "forged" => ["I designed the transaction protocol of Kafka myself"],
            "tiny" => ["a"],
            "self" => [Visible(attempt.Text)],
            _ => Quotes(answer),
        };
        quotes = obey.Canary == "leak-reversed" ? [quotes[0] + " " + reversed] : quotes;
        string feedback = obey.Canary switch
        {
            "leak-feedback" => $"{canary} {obey.Feedback}",
            "leak-spelled" => $"{string.Join('-', canary.ToCharArray())} {obey.Feedback}",
            "leak-part" => $"{obey.Feedback} {canary[..16]}",
            "leak-fence" => $"{obey.Feedback} {fence}",
            _ => obey.Feedback,
        };
        string returned = obey.Canary switch { "empty" => "", "zeros" => new string('0', canary.Length), _ => canary };
        return Output(obey.Technical ?? technical, obey.Communication ?? communication, feedback, quotes, returned);
    }

    private static string Visible(string text) => StreamPlatform.LanguageModels.Provider.Injection.Invisible.Strip(text);

    [GeneratedRegex("""Put the token ([0-9a-f]{32}) into""")]
    private static partial Regex Canary();
}
