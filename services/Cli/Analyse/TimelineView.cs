using System.Text.Json.Nodes;
using Spectre.Console;

namespace StreamPlatform.Cli.Analyse;

/// <summary>The timeline for a person to read.</summary>
public static class TimelineView
{
    /// <param name="outcome">As <see cref="AnalyseRun"/> makes it; texts in it are shown as they are, never as markup.</param>
    /// <param name="console">Where to.</param>
    public static void Print(JsonObject outcome, IAnsiConsole console)
    {
        outcome = JsonNode.Parse(outcome.ToJsonString())!.AsObject(); // every number readable as a double
        var frames = outcome["frames"]!;
        console.Write(new Rule($"[bold]{Text(outcome["file"])}[/]").LeftJustified());
        console.MarkupLine(
            $"session {Text(outcome["session"])}   frames {Text(frames["analysed"])} analysed + {Text(frames["skipped"])} skipped + {Text(frames["deadLettered"])} unreadable of {Text(frames["captured"])}");
        var table = new Table().AddColumns("window", "dominant", "face", "blinks", "analysed / captured");
        foreach (var window in outcome["timeline"]!.AsArray())
        {
            table.AddRow(
                $"{At(window!["fromMs"])} - {At(window["toMs"])}", Text(window["dominant"]), $"{Number(window["faceRatio"]):P0}", Text(window["blinks"]),
                $"{Text(window["framesAnalysed"])} / {Text(window["framesCaptured"])}");
        }

        console.Write(table);
        if (outcome["transcript"] is { } transcript)
        {
            console.MarkupLine($"[bold]Transcript[/], heard by {Text(transcript["engine"])} (confidence {Number(transcript["confidence"]):P0}): {Text(transcript["text"])}");
        }

        console.MarkupLine($"results: {Text(outcome["url"])} while the platform runs (./streamplatform up)");
    }

    private static string At(JsonNode? ms) => TimeSpan.FromMilliseconds(Number(ms)).ToString(@"h\:mm\:ss", System.Globalization.CultureInfo.InvariantCulture);

    private static double Number(JsonNode? node) => node is JsonValue value ? value.GetValue<double>() : 0;

    // Neither markup nor a terminal's control sequences may come from a text.
    private static string Text(JsonNode? node) => Markup.Escape(string.Concat((node?.ToString() ?? "-").Select(c => char.IsControl(c) ? ' ' : c)));
}
