using System.Text.Json.Nodes;
using Spectre.Console;

namespace StreamPlatform.Cli.Demo;

/// <summary>The outcome of a demo for a person to read, on stdout.</summary>
public static class DemoReport
{
    /// <summary>Prints one interview in full, or a row for each of many.</summary>
    /// <param name="outcome">As the demo makes it; texts in it come from candidates and engines and are shown as they are, never as markup.</param>
    /// <param name="serving">The platform goes on serving after the report.</param>
    /// <param name="console">Where to.</param>
    public static void Print(JsonObject outcome, bool serving, IAnsiConsole console)
    {
        outcome = JsonNode.Parse(outcome.ToJsonString())!.AsObject(); // every number readable as a double
        if (outcome["interviews"] is JsonArray many)
        {
            PrintMany(outcome, many, console);
            return;
        }

        var report = outcome["report"]!;
        var frames = outcome["frames"]!;
        console.Write(new Rule("[bold]Interview report[/]").LeftJustified());
        console.MarkupLine($"session {Text(outcome["session"])}   frames {Text(frames["analysed"])} analysed + {Text(frames["deadLettered"])} dead-lettered of {Text(frames["acked"])}");
        console.Write(new BarChart().Width(60)
            .AddItem("overall", Rounded(report["overall"]), Color.Aqua)
            .AddItem("technical", Rounded(report["technical"]), Color.Green)
            .AddItem("communication", Rounded(report["communication"]), Color.Green)
            .AddItem("emotion", Rounded(report["emotion"]), Color.Yellow)
            .AddItem("behaviour", Rounded(report["behaviour"]), Color.Yellow)
            .WithMaxValue(100));
        var windows = new Table().Title("Emotion, 10 s windows").AddColumns("start", "dominant", "face", "blinks", "frames");
        foreach (var window in outcome["emotion"]!["windows"]!.AsArray())
        {
            windows.AddRow(
                DateTimeOffset.FromUnixTimeMilliseconds((long)Number(window!["start"])).ToString("HH:mm:ss"), Text(window["dominant"]),
                $"{Number(window["faceRatio"]):P0}", Text(window["blinks"]), Text(window["frames"]));
        }

        console.Write(windows);
        foreach (var transcript in outcome["transcripts"]!.AsArray())
        {
            console.MarkupLine($"[bold]Question {Number(transcript!["question"]) + 1}[/], heard by {Text(transcript["engine"])} (word error rate {Number(transcript["wordErrorRate"]):P0}): {Text(transcript["text"])}");
        }

        foreach (var score in outcome["scores"]!.AsArray())
        {
            console.MarkupLine(
                $"[bold]Question {Number(score!["question"]) + 1}[/]: technical {Number(score["technical"]):0}, communication {Number(score["communication"]):0} by {Text(score["engine"])}. {Text(score["feedback"])}");
        }

        console.MarkupLine($"live page: {Text(report["url"])}");
        console.MarkupLine($"report: {Text(report["page"])}{(serving ? "" : " (after the demo: ./streamplatform up, then the list of sessions)")}");
    }

    private static void PrintMany(JsonObject outcome, JsonArray interviews, IAnsiConsole console)
    {
        var table = new Table().AddColumns("session", "ok", "frames", "analysed", "windows", "overall");
        foreach (var interview in interviews)
        {
            table.AddRow(
                Text(interview!["session"]), Text(interview["ok"]), Text(interview["frames"]!["acked"]), Text(interview["frames"]!["analysed"]),
                interview["emotion"]!["windows"]!.AsArray().Count.ToString(), $"{Number(interview["report"]!["overall"]):0.0}");
        }

        console.Write(table);
        console.MarkupLine($"{Text(outcome["framesPerSecond"])} frames/s, capture to ack p99 {Text(outcome["captureToAckP99Ms"])} ms, capture to window p99 {Text(outcome["captureToWindowP99Ms"])} ms");
    }

    private static double Rounded(JsonNode? node) => Math.Round(Number(node));

    private static double Number(JsonNode? node) => node is JsonValue value ? value.GetValue<double>() : 0;

    // Neither markup nor a terminal's control sequences may come from a text.
    private static string Text(JsonNode? node) =>
        Markup.Escape(string.Concat((node?.ToString() ?? "-").Select(c => char.IsControl(c) ? ' ' : c)));
}
