using System.CommandLine;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Spectre.Console;
using StreamPlatform.AllInOne;
using StreamPlatform.Hosting;
using StreamPlatform.Cli.Demo;

namespace StreamPlatform.Cli.Commands;

/// <summary><c>demo</c>: plays interviews on a platform of its own and prints what became of them.</summary>
internal static class DemoCommand
{
    private static readonly JsonSerializerOptions OneLine = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static Command Create()
    {
        var command = new Command("demo", "Play an interview with real faces and speech, and show what the platform makes of it");
        var arguments = new PlatformArguments();
        arguments.AddTo(command);
        var exit = new Option<bool>("--exit") { Description = "End after the report; exit code 0 only if every part of it is there" };
        var json = new Option<bool>("--json") { Description = "Print the outcome as one JSON object on stdout" };
        var sessions = new Option<int>("--sessions") { Description = "Interviews to play at once, 1 to 200", DefaultValueFactory = _ => 1 };
        command.Add(exit);
        command.Add(json);
        command.Add(sessions);
        command.SetAction((parsed, ct) => RunAsync(arguments.Read(parsed, LogLevel.Warning), parsed.GetValue(exit), parsed.GetValue(json), parsed.GetValue(sessions), ct));
        return command;
    }

    private static async Task<int> RunAsync(PlatformOptions options, bool exit, bool json, int sessions, CancellationToken ct)
    {
        if (sessions is < 1 or > 200)
        {
            throw new ArgumentException($"--sessions is {sessions}; it takes 1 to 200");
        }

        var steps = new StepPrinter();
        var loading = Task.Run(DemoMaterialLoader.Load, ct);
        await using var platform = await Platform.StartAsync(options, TimeProvider.System, steps, ct);
        PlatformBanner.Print(platform, options);
        steps.Report("preparing faces and speech");
        var material = await loading;
        var run = new DemoRun(platform.Address, platform.BootstrapServers, material, TimeProvider.System);
        System.Text.Json.Nodes.JsonObject outcome;
        await using (var view = new DemoView(json))
        {
            var playing = run.PlayAsync(sessions, view, ct);
            await Task.WhenAny(playing, platform.Failed);
            if (!playing.IsCompleted)
            {
                await platform.Failed; // throws what stopped the platform
            }

            outcome = await playing;
        }

        var ok = outcome["ok"]!.GetValue<bool>();
        if (json)
        {
            Console.Out.WriteLine(outcome.ToJsonString(OneLine));
        }
        else
        {
            DemoReport.Print(outcome, serving: !exit, AnsiConsole.Console);
        }

        foreach (var problem in Problems(outcome))
        {
            await Console.Error.WriteLineAsync("problem: " + problem);
        }

        if (!exit)
        {
            await ServeAsync(outcome, platform.Address, platform.Failed, Console.Error, ct);
        }

        return ok ? 0 : CommandLine.Failure;
    }

    /// <summary>Says where the interview can be seen (its live page; of many interviews, the list that links to each) and waits for Ctrl-C.</summary>
    internal static async Task ServeAsync(System.Text.Json.Nodes.JsonObject outcome, Uri address, Task failed, TextWriter messages, CancellationToken ct)
    {
        await messages.WriteLineAsync($"serving at {outcome["report"]?["url"]?.ToString() ?? address.ToString()}; Ctrl-C stops it");
        try
        {
            await failed.WaitAsync(ct);
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            await messages.WriteLineAsync("stopping ...");
        }
    }

    private static IEnumerable<string> Problems(System.Text.Json.Nodes.JsonObject outcome) =>
        (outcome["interviews"]?.AsArray().Select(i => i!.AsObject()) ?? [outcome])
            .SelectMany(i => i["problems"]?.AsArray().Select(p => $"{i["session"]}: {p}") ?? []);
}
