using System.Text.Json.Nodes;
using StreamPlatform.Cli.Demo;

namespace StreamPlatform.Cli.Analyse;

/// <summary>What the platform stored of a recording, as <c>analyse</c> prints it, checked against what was sent.</summary>
internal static class Timeline
{
    /// <summary>True when everything of the recording is stored.</summary>
    public static bool IsComplete(JsonObject results, long frames, bool withTranscript) =>
        Count(results["windows"], "framesAnalysed") + Count(results["windows"], "framesSkipped") + Dead(results) >= frames
        && Long(results["emotionRows"]) + Count(results["windows"], "framesSkipped") + Dead(results) >= frames
        && (!withTranscript || Items(results["transcripts"]).Any())
        && results["report"] is JsonObject
        && results["session"]?["status"]?.GetValue<string>() == "completed";

    /// <summary>The outcome; its <c>problems</c> name what does not agree.</summary>
    public static JsonObject Of(AnalyseOptions options, MediaFile file, DateTimeOffset start, string session, long frames, JsonObject results, Uri platform)
    {
        var startMs = start.ToUnixTimeMilliseconds();
        var analysed = Count(results["windows"], "framesAnalysed");
        var skipped = Count(results["windows"], "framesSkipped");
        var problems = new JsonArray();
        if (analysed + skipped + Dead(results) != frames)
        {
            problems.Add($"of {frames} frames {analysed} were analysed, {skipped} skipped under load, {Dead(results)} unreadable: the rest did not arrive in time");
        }

        if (Long(results["emotionRows"]) != analysed)
        {
            problems.Add($"{analysed} frames are in windows, {Long(results["emotionRows"])} in the emotion series");
        }

        return new JsonObject
        {
            ["ok"] = problems.Count == 0,
            ["session"] = session,
            ["file"] = Path.GetFileName(file.Path),
            ["durationMs"] = (long)file.Duration.TotalMilliseconds,
            ["start"] = start.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", System.Globalization.CultureInfo.InvariantCulture),
            ["framesPerSecond"] = options.FramesPerSecond,
            ["jurisdiction"] = options.Jurisdiction.ToUpperInvariant(),
            ["consentClaimed"] = new JsonArray([.. options.Consent.Select(c => (JsonNode)c)]),
            ["frames"] = new JsonObject { ["captured"] = frames, ["analysed"] = analysed, ["skipped"] = skipped, ["deadLettered"] = Dead(results) },
            ["timeline"] = new JsonArray([.. Items(results["windows"]).Select(w => (JsonNode)Window(w, startMs))]),
            ["transcript"] = Items(results["transcripts"]).Select(Transcript).FirstOrDefault(),
            ["report"] = results["report"]?.DeepClone(),
            ["emotionSeries"] = new JsonObject { ["store"] = results["emotionStore"]?.DeepClone(), ["rows"] = Long(results["emotionRows"]) },
            ["url"] = DemoOutcome.LivePage(platform, session).ToString(),
            ["problems"] = problems,
        };
    }

    private static JsonObject Window(JsonObject window, long startMs) => new()
    {
        ["fromMs"] = Math.Max(0, Long(window["startMs"]) - startMs),
        ["toMs"] = Long(window["endMs"]) - startMs,
        ["dominant"] = window["dominant"]?.DeepClone(),
        ["mean"] = window["mean"]?.DeepClone(),
        ["faceRatio"] = window["faceRatio"]?.DeepClone(),
        ["blinks"] = window["blinks"]?.DeepClone(),
        ["framesAnalysed"] = window["framesAnalysed"]?.DeepClone(),
        ["framesCaptured"] = window["framesCaptured"]?.DeepClone(),
    };

    private static JsonObject Transcript(JsonObject transcript) => new()
    {
        ["text"] = transcript["text"]?.DeepClone(),
        ["confidence"] = transcript["confidence"]?.DeepClone(),
        ["engine"] = transcript["engine"]?.DeepClone(),
        ["speechMs"] = transcript["speechMs"]?.DeepClone(),
        ["audioMs"] = transcript["audioMs"]?.DeepClone(),
    };

    private static long Dead(JsonObject results) => Long(results["report"]?["framesDeadLettered"]);

    private static IEnumerable<JsonObject> Items(JsonNode? array) => (array as JsonArray ?? []).OfType<JsonObject>();

    private static long Count(JsonNode? array, string field) => Items(array).Sum(i => Long(i[field]));

    private static long Long(JsonNode? node) => node is JsonValue value ? (long)value.GetValue<double>() : 0;
}
