using System.Text.Json.Nodes;
using Spectre.Console;

namespace StreamPlatform.Cli.Demo;

/// <summary>The outcome of a demo for a person to read, on stdout.</summary>
public static class DemoReport
{
    /// <summary>Prints one interview in full, or a row for each of many.</summary>
    public static void Print(JsonObject outcome)
    {
        outcome = JsonNode.Parse(outcome.ToJsonString())!.AsObject(); // every number readable as a double
        if (outcome["interviews"] is JsonArray many)
        {
            PrintMany(outcome, many);
            return;
        }

        var report = outcome["report"]!;
        var frames = outcome["frames"]!;
        AnsiConsole.Write(new Rule("[bold]Interview report[/]").LeftJustified());
        AnsiConsole.MarkupLine($"session {outcome["session"]}   frames {frames["analysed"]} analysed + {frames["deadLettered"]} dead-lettered of {frames["acked"]}");
        AnsiConsole.Write(new BarChart().Width(60)
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

        AnsiConsole.Write(windows);
        foreach (var transcript in outcome["transcripts"]!.AsArray())
        {
            AnsiConsole.MarkupLine($"[bold]Question {Number(transcript!["question"]) + 1}[/], heard by {Text(transcript["engine"])} (word error rate {Number(transcript["wordErrorRate"]):P0}): {Markup.Escape(Text(transcript["text"]))}");
        }

        foreach (var score in outcome["scores"]!.AsArray())
        {
            AnsiConsole.MarkupLine(
                $"[bold]Question {Number(score!["question"]) + 1}[/]: technical {Number(score["technical"]):0}, communication {Number(score["communication"]):0} by {Text(score["engine"])}. {Markup.Escape(Text(score["feedback"]))}");
        }

        AnsiConsole.MarkupLine($"report: {Text(report["url"])} (after the demo: ./streamplatform up, then the list of sessions)");
    }

    private static void PrintMany(JsonObject outcome, JsonArray interviews)
    {
        var table = new Table().AddColumns("session", "ok", "frames", "analysed", "windows", "overall");
        foreach (var interview in interviews)
        {
            table.AddRow(
                Text(interview!["session"]), Text(interview["ok"]), Text(interview["frames"]!["acked"]), Text(interview["frames"]!["analysed"]),
                interview["emotion"]!["windows"]!.AsArray().Count.ToString(), $"{Number(interview["report"]!["overall"]):0.0}");
        }

        AnsiConsole.Write(table);
        AnsiConsole.MarkupLine($"{Text(outcome["framesPerSecond"])} frames/s, capture to ack p99 {Text(outcome["captureToAckP99Ms"])} ms, capture to window p99 {Text(outcome["captureToWindowP99Ms"])} ms");
    }

    private static double Rounded(JsonNode? node) => Math.Round(Number(node));

    private static double Number(JsonNode? node) => node is JsonValue value ? value.GetValue<double>() : 0;

    private static string Text(JsonNode? node) => Markup.Escape(node?.ToString() ?? "-");
}
