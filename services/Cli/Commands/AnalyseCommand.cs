using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Spectre.Console;
using StreamPlatform.AllInOne;
using StreamPlatform.Cli.Analyse;
using StreamPlatform.Hosting;

namespace StreamPlatform.Cli.Commands;

/// <summary><c>analyse FILE</c>: a recorded video through the same topics and processors as a live interview; prints and stores its timeline.</summary>
internal static class AnalyseCommand
{
    private static readonly JsonSerializerOptions OneLine = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static Command Create()
    {
        var command = new Command("analyse", "Analyse a recorded video (MP4 or WebM, at most 2 hours) by the same path as a live interview; print and store its timeline");
        var platform = new PlatformArguments();
        platform.AddTo(command);
        var file = new Argument<string>("FILE") { Description = "MP4 or WebM" };
        var fps = new Option<double>("--fps") { Description = "Frames per second that are analysed, 0.2 to 10 (default 2)", DefaultValueFactory = _ => 2 };
        var consent = new Option<string?>("--consent") { Description = "Required. You state that the person in the video agreed to: emotion, face, blink, speech, recording (comma between), or all. It is recorded as your claim" };
        var jurisdiction = new Option<string?>("--jurisdiction") { Description = "Required. Where the person was: a country as in ISO 3166 (US), or EU; it may forbid the analysis of emotion" };
        var tenant = new Option<string>("--tenant") { Description = "Tenant of the session", DefaultValueFactory = _ => "default" };
        var name = new Option<string>("--name") { Description = "Name shown to reviewers", DefaultValueFactory = _ => "Recorded video" };
        var start = new Option<string?>("--start") { Description = "Time of the first frame, such as 2026-01-31T09:00:00Z, within the last 12 hours (default: such that the recording ends now)" };
        var keep = new Option<bool>("--keep") { Description = "Keep the file, encrypted, in the media store, as long as recordings are kept; needs --consent recording" };
        var json = new Option<bool>("--json") { Description = "Print the outcome as one JSON object on stdout" };
        command.Add(file);
        foreach (Option option in (Option[])[fps, consent, jurisdiction, tenant, name, start, keep, json])
        {
            command.Add(option);
        }

        command.SetAction((parsed, ct) => RunAsync(
            platform.Read(parsed, LogLevel.Warning),
            new AnalyseOptions
            {
                File = parsed.GetValue(file)!,
                FramesPerSecond = parsed.GetValue(fps),
                Consent = (parsed.GetValue(consent) ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries),
                Jurisdiction = parsed.GetValue(jurisdiction) ?? "",
                Tenant = parsed.GetValue(tenant)!,
                Name = parsed.GetValue(name)!,
                Keep = parsed.GetValue(keep),
                Start = Time(parsed.GetValue(start)),
            },
            parsed.GetValue(json),
            ct));
        return command;
    }

    private static async Task<int> RunAsync(PlatformOptions options, AnalyseOptions analyse, bool json, CancellationToken ct)
    {
        // What is wrong with the command or the file is said before anything is started.
        analyse.Validate(TimeProvider.System.GetUtcNow());
        await MediaFile.ProbeAsync(analyse.File, TimeProvider.System, ct);
        await using var platform = await Platform.StartAsync(options, TimeProvider.System, new StepPrinter(), ct);
        var run = new AnalyseRun(platform.Address, platform.BootstrapServers, platform.RegistryAddress, TimeProvider.System, platform.Media);
        var outcome = await AnalyseView.ShowAsync(json, TimeProvider.System, async progress =>
        {
            var running = run.RunAsync(analyse, progress, ct);
            await Task.WhenAny(running, platform.Failed);
            if (!running.IsCompleted)
            {
                await platform.Failed; // throws what stopped the platform
            }

            return await running;
        });
        if (json)
        {
            Console.Out.WriteLine(outcome.ToJsonString(OneLine));
        }
        else
        {
            TimelineView.Print(outcome, AnsiConsole.Console);
        }

        foreach (var problem in outcome["problems"]!.AsArray())
        {
            await Console.Error.WriteLineAsync("problem: " + problem);
        }

        return outcome["ok"]!.GetValue<bool>() ? 0 : CommandLine.Failure;
    }

    private static DateTimeOffset? Time(string? text) =>
        text is null ? null
        : DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var value) ? value
        : throw new AnalyseException($"--start is '{text}'; it takes a time such as 2026-01-31T09:00:00Z");
}
