using System.Text.Json.Nodes;
using StreamPlatform.Topology.Speech;

namespace StreamPlatform.Cli.Demo;

/// <summary>What the platform made of one interview, checked against what was sent. One number may not differ from another.</summary>
public sealed class DemoOutcome(DemoInterview interview, JsonObject results, IReadOnlyDictionary<string, long> topics, DemoMaterial material, Uri platform)
{
    private readonly List<string> problems = [];

    /// <summary>What does not agree; empty when the demo is a success. Filled by <see cref="ToJson"/>.</summary>
    public IReadOnlyList<string> Problems => problems;

    /// <summary>True when every result of the interview is stored; the demo waits for this before it checks.</summary>
    public static bool IsComplete(JsonObject results, DemoInterview interview, int answers, int spokenAnswers)
    {
        var windows = Sum(results["windows"], "framesAnalysed");
        var rows = Long(results["emotionRows"]);
        return results["report"] is JsonObject report
            && Count(results["answers"]) >= answers
            && Count(results["scores"]) >= answers
            && Count(results["transcripts"]) >= spokenAnswers
            && Long(report["framesAnalysed"]) + Long(report["framesDeadLettered"]) >= interview.Client!.Frames.Acked
            && rows >= Long(report["framesAnalysed"])
            && windows >= rows
            && results["session"]?["status"]?.GetValue<string>() == "completed";
    }

    /// <summary>The outcome as the demo prints it.</summary>
    public JsonObject ToJson()
    {
        problems.Clear();
        var client = interview.Client!;
        var report = results["report"] as JsonObject ?? [];
        var analysed = Long(report["framesAnalysed"]);
        var dead = Long(report["framesDeadLettered"]);
        var rows = Long(results["emotionRows"]);
        var windows = Windows();
        var transcripts = Transcripts();
        var scores = Scores();
        var answers = material.Answers.Count;

        Equal("frames acked and sent", client.Frames.Acked, client.Frames.Sent);
        Equal("audio chunks acked and sent", client.Audio.Acked, client.Audio.Sent);
        Equal("frames acked and analysed + dead-lettered", client.Frames.Acked, analysed + dead);
        Equal("dead-lettered frames and corrupt frames sent", dead, 1);
        Equal("rows of the emotion series and frames analysed", rows, analysed);
        Equal("frames in windows and frames analysed", Sum(results["windows"], "framesAnalysed"), analysed);
        Equal("answers stored and given", Count(results["answers"]), answers);
        Equal("scores stored and answers given", Count(results["scores"]), answers);
        Equal("transcripts and spoken answers", transcripts.Count, material.Answers.Count(a => !a.Speech.IsEmpty));
        Equal("records on capture.frames.v1 and frames acked", topics.GetValueOrDefault("capture.frames.v1"), client.Frames.Acked);
        Equal("records on capture.audio.v1 and chunks acked", topics.GetValueOrDefault("capture.audio.v1"), client.Audio.Acked);
        Equal("records on analysis.emotions.v1 and frames analysed", topics.GetValueOrDefault("analysis.emotions.v1"), analysed);
        Equal("records on capture.frames.v1.dlq and frames dead-lettered", topics.GetValueOrDefault("capture.frames.v1.dlq"), dead);
        Equal("records on analysis.scores.v1 and answers given", topics.GetValueOrDefault("analysis.scores.v1"), answers);
        Equal("records on interview.reports.v1 and reports", topics.GetValueOrDefault("interview.reports.v1"), 1);
        Equal("records on interview.answers.v1 and answers given", topics.GetValueOrDefault("interview.answers.v1"), answers);
        Equal("records on analysis.emotion-windows.v1 and windows stored", topics.GetValueOrDefault("analysis.emotion-windows.v1"), windows.Count);
        Equal("records on analysis.transcripts.v1 and segments + transcripts stored", topics.GetValueOrDefault("analysis.transcripts.v1"), Count(results["segments"]) + transcripts.Count);
        Equal("records on interview.events.v1 and start, questions, end", topics.GetValueOrDefault("interview.events.v1"), answers + 2);
        if (scores.Any(s => !s!["needsHumanReview"]!.GetValue<bool>()))
        {
            problems.Add("an offline score is not marked for human review");
        }

        if (transcripts.Any(t => t!["text"]!.GetValue<string>().Length == 0))
        {
            problems.Add("a spoken answer has an empty transcript");
        }

        return new JsonObject
        {
            ["ok"] = problems.Count == 0,
            ["session"] = interview.SessionId,
            ["frames"] = new JsonObject { ["sent"] = client.Frames.Sent, ["acked"] = client.Frames.Acked, ["analysed"] = analysed, ["deadLettered"] = dead },
            ["audio"] = new JsonObject { ["chunks"] = client.Audio.Sent, ["acked"] = client.Audio.Acked },
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
                ["url"] = new Uri(platform, "/live/" + interview.SessionId).ToString(),
            },
            ["stored"] = new JsonObject
            {
                ["postgres"] = new JsonObject
                {
                    ["sessions"] = results["session"] is JsonObject ? 1 : 0,
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
