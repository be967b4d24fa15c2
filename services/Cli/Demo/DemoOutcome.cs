using System.Text.Json.Nodes;
using StreamPlatform.Topology.Speech;

namespace StreamPlatform.Cli.Demo;

/// <summary>What the platform made of one interview, checked against what was sent. One number may not differ from another.</summary>
public sealed class DemoOutcome(DemoSent sent, JsonObject results, IReadOnlyDictionary<string, long> topics, DemoMaterial material, Uri platform)
{
    /// <summary>The seven classes that a window gives the mean of.</summary>
    public static readonly IReadOnlyList<string> Classes = ["angry", "disgust", "fear", "happy", "sad", "surprise", "neutral"];

    private static readonly string[] ReportParts = ["overall", "technical", "communication", "emotion", "behaviour"];

    private readonly List<string> problems = [];

    /// <summary>What does not agree; empty when the demo is a success. Filled by <see cref="ToJson"/>.</summary>
    public IReadOnlyList<string> Problems => problems;

    /// <summary>Page on which an interview can be watched, and its report read.</summary>
    public static Uri LivePage(Uri platform, string session) => new(platform, "/live/" + session);

    /// <summary>Page of an interview's report, with charts and a PDF.</summary>
    public static Uri ReportPage(Uri platform, string session) => new(platform, "/report.html?session=" + Uri.EscapeDataString(session));

    /// <summary>True when every result of the interview is stored; the demo waits for this before it checks.</summary>
    public static bool IsComplete(JsonObject results, DemoSent sent, int answers, int spokenAnswers)
    {
        var windows = Sum(results["windows"], "framesAnalysed");
        var rows = Long(results["emotionRows"]);
        return results["report"] is JsonObject report
            && Count(results["answers"]) >= answers
            && Count(results["scores"]) >= answers
            && Count(results["transcripts"]) >= spokenAnswers
            && Long(report["framesAnalysed"]) + Long(report["framesDeadLettered"]) + Sum(results["windows"], "framesSkipped") >= sent.FramesAcked
            && rows >= Long(report["framesAnalysed"])
            && windows >= rows
            && results["session"]?["status"]?.GetValue<string>() == "completed";
    }

    /// <summary>The outcome as the demo prints it.</summary>
    public JsonObject ToJson()
    {
        problems.Clear();
        var report = results["report"] as JsonObject ?? [];
        var analysed = Long(report["framesAnalysed"]);
        var dead = Long(report["framesDeadLettered"]);
        var skipped = Sum(results["windows"], "framesSkipped");
        var rows = Long(results["emotionRows"]);
        var windows = Windows();
        var transcripts = Transcripts();
        var scores = Scores();
        var answers = material.Answers.Count;

        Equal("frames acked and sent", sent.FramesAcked, sent.FramesSent);
        Equal("audio chunks acked and sent", sent.ChunksAcked, sent.ChunksSent);
        Equal("frames acked and analysed + skipped under load + dead-lettered", sent.FramesAcked, analysed + skipped + dead);
        Equal("dead-lettered frames and corrupt frames sent", dead, 1);
        Equal("rows of the emotion series and frames analysed", rows, analysed);
        Equal("frames in windows and frames analysed", Sum(results["windows"], "framesAnalysed"), analysed);
        Equal("answers stored and given", Count(results["answers"]), answers);
        Equal("scores stored and answers given", Count(results["scores"]), answers);
        Equal("transcripts and spoken answers", transcripts.Count, material.Answers.Count(a => !a.Speech.IsEmpty));
        Equal("records on capture.frames.v1 and frames acked", topics.GetValueOrDefault("capture.frames.v1"), sent.FramesAcked);
        Equal("records on capture.audio.v1 and chunks acked", topics.GetValueOrDefault("capture.audio.v1"), sent.ChunksAcked);
        Equal("records on analysis.emotions.v1 and frames analysed + skipped", topics.GetValueOrDefault("analysis.emotions.v1"), analysed + skipped);
        Equal("records on capture.frames.v1.dlq and frames dead-lettered", topics.GetValueOrDefault("capture.frames.v1.dlq"), dead);
        Equal("records on analysis.scores.v1 and answers given", topics.GetValueOrDefault("analysis.scores.v1"), answers);
        Equal("records on interview.reports.v1 and reports", topics.GetValueOrDefault("interview.reports.v1"), 1);
        Equal("records on interview.answers.v1 and answers given", topics.GetValueOrDefault("interview.answers.v1"), answers);
        Equal("records on analysis.emotion-windows.v1 and windows stored", topics.GetValueOrDefault("analysis.emotion-windows.v1"), windows.Count);
        Equal("records on analysis.transcripts.v1 and segments + transcripts stored", topics.GetValueOrDefault("analysis.transcripts.v1"), Count(results["segments"]) + transcripts.Count);
        Equal("records on interview.events.v1 and start, questions, end", topics.GetValueOrDefault("interview.events.v1"), answers + 2);
        Equal("sessions stored and played", Sessions, 1);
        CheckParts(report, windows, transcripts, scores);

        return new JsonObject
        {
            ["ok"] = problems.Count == 0,
            ["session"] = sent.SessionId,
            ["frames"] = new JsonObject { ["sent"] = sent.FramesSent, ["acked"] = sent.FramesAcked, ["analysed"] = analysed, ["deadLettered"] = dead },
            ["audio"] = new JsonObject { ["chunks"] = sent.ChunksSent, ["acked"] = sent.ChunksAcked },
            ["emotion"] = new JsonObject { ["windows"] = windows },
            ["transcripts"] = transcripts,
            ["scores"] = scores,
            ["report"] = new JsonObject
            {
                ["overall"] = report["overall"]?.DeepClone(),
                ["technical"] = report["technical"]?.DeepClone(),
                ["communication"] = report["communication"]?.DeepClone(),
                ["emotion"] = report["emotion"]?.DeepClone(),
                ["behaviour"] = report["behaviour"]?.DeepClone(),
                ["url"] = LivePage(platform, sent.SessionId).ToString(),
                ["page"] = ReportPage(platform, sent.SessionId).ToString(),
            },
            ["stored"] = new JsonObject
            {
                ["postgres"] = new JsonObject
                {
                    ["sessions"] = Sessions,
                    ["answers"] = Count(results["answers"]),
                    ["scores"] = Count(results["scores"]),
                    ["reports"] = results["report"] is JsonObject ? 1 : 0,
                },
                ["emotionSeries"] = new JsonObject { ["store"] = results["emotionStore"]?.DeepClone(), ["rows"] = rows },
            },
            ["topics"] = new JsonObject(topics.OrderBy(t => t.Key).Select(t => KeyValuePair.Create<string, JsonNode?>(t.Key, t.Value))),
            ["problems"] = new JsonArray([.. problems.Select(p => (JsonNode)p)]),
        };
    }

    private int Sessions => results["session"] is JsonObject ? 1 : 0;

    // A count can agree with another and the thing itself be hollow.
    private void CheckParts(JsonObject report, JsonArray windows, JsonArray transcripts, JsonArray scores)
    {
        var status = results["session"]?["status"]?.ToString() ?? "missing";
        Require(status == "completed", $"the session's status is {status}, not completed");
        foreach (var part in ReportParts)
        {
            Require(report[part] is JsonValue, $"the report has no {part}");
        }

        Require(results["emotionStore"]?.ToString() is { Length: > 0 }, "the emotion series does not name its store");
        Require(windows.Count > 0, "there is no emotion window");
        Require(
            Items(windows).All(w => w["mean"] is JsonObject mean && mean.Count == Classes.Count && Classes.All(c => mean[c] is JsonValue)),
            $"an emotion window has no mean of the {Classes.Count} classes");
        Require(Items(windows).All(w => w["dominant"]?.ToString() is { } dominant && Classes.Contains(dominant)), "an emotion window has no dominant class");
        Require(Items(transcripts).All(t => t["text"]!.GetValue<string>().Length > 0), "a spoken answer has an empty transcript");
        Require(Items(transcripts).All(t => t["engine"] is JsonValue && t["confidence"] is JsonValue), "a transcript lacks its engine or its confidence");
        Require(Items(scores).All(s => s["technical"] is JsonValue && s["communication"] is JsonValue), "a score lacks its technical or its communication part");
        Require(Items(scores).All(s => s["feedback"]?.ToString() is { Length: > 0 } && s["engine"] is JsonValue), "a score lacks its feedback or its engine");
        Require(Items(scores).All(s => s["needsHumanReview"] is JsonValue review && (review.GetValue<bool>() || !IsOffline(s))), "an offline score is not marked for human review");
    }

    private static bool IsOffline(JsonNode score) => score["engine"]?.ToString().StartsWith("offline", StringComparison.Ordinal) != false;

    private void Require(bool condition, string problem)
    {
        if (!condition)
        {
            problems.Add(problem);
        }
    }

    private JsonArray Windows() => new([.. Items(results["windows"]).Select(w => (JsonNode)new JsonObject
    {
        ["start"] = w["startMs"]?.DeepClone(),
        ["dominant"] = w["dominant"]?.DeepClone(),
        ["faceRatio"] = w["faceRatio"]?.DeepClone(),
        ["mean"] = w["mean"]?.DeepClone(),
        ["blinks"] = w["blinks"]?.DeepClone(),
        ["frames"] = w["framesAnalysed"]?.DeepClone(),
    })]);

    private JsonArray Transcripts() => new([.. Items(results["transcripts"]).Select(t =>
    {
        var index = (int)Long(t["questionIndex"]);
        var text = t["text"]?.GetValue<string>() ?? "";
        return (JsonNode)new JsonObject
        {
            ["question"] = index,
            ["engine"] = t["engine"]?.DeepClone(),
            ["text"] = text,
            ["confidence"] = t["confidence"]?.DeepClone(),
            ["wordErrorRate"] = Math.Round(WordErrorRate.Between(material.Answers[index].Text, text), 3),
        };
    })]);

    private JsonArray Scores() => new([.. Items(results["scores"]).Select(s => (JsonNode)new JsonObject
    {
        ["question"] = s["questionIndex"]?.DeepClone(),
        ["technical"] = s["technical"]?.DeepClone(),
        ["communication"] = s["communication"]?.DeepClone(),
        ["engine"] = s["engine"]?.DeepClone(),
        ["needsHumanReview"] = s["needsHumanReview"]?.DeepClone(),
        ["feedback"] = s["feedback"]?.DeepClone(),
    })]);

    private void Equal(string what, long actual, long expected)
    {
        if (actual != expected)
        {
            problems.Add($"{what} differ: {actual} and {expected}");
        }
    }

    private static IEnumerable<JsonObject> Items(JsonNode? array) => (array as JsonArray ?? []).OfType<JsonObject>();

    private static long Count(JsonNode? array) => (array as JsonArray)?.Count ?? 0;

    private static long Sum(JsonNode? array, string field) => Items(array).Sum(i => Long(i[field]));

    private static long Long(JsonNode? node) => node is JsonValue value ? (long)value.GetValue<double>() : 0;
}
