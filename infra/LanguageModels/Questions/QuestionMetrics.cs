using System.Diagnostics.Metrics;

namespace StreamPlatform.LanguageModels.Questions;

/// <summary>Instruments of question generation.</summary>
internal static class QuestionMetrics
{
    private static readonly Meter Meter = new("StreamPlatform.Questions");

    private static readonly Counter<long> Requests = Meter.CreateCounter<long>(
        "questions.requests", "{question}", "Requests for a generated question, by kind and outcome: generated, cached, shared, unavailable, rejected ...");

    private static readonly Counter<long> Faults = Meter.CreateCounter<long>("questions.rejected", "{question}", "Questions of a model that may not be asked, by reason.");

    private static readonly Histogram<double> Duration = Meter.CreateHistogram<double>("questions.generation", "ms", "Time until a generation ended, by kind.");

    public static void Requested(string kind, string outcome) => Requests.Add(1, Tag("kind", kind), Tag("outcome", outcome));

    public static void Rejected(string reason) => Faults.Add(1, Tag("reason", reason));

    public static void Took(string kind, TimeSpan elapsed) => Duration.Record(elapsed.TotalMilliseconds, Tag("kind", kind));

    private static KeyValuePair<string, object?> Tag(string name, string value) => new(name, value);
}
