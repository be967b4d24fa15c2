using System.Text.Json.Nodes;
using StreamPlatform.Cli.Demo;
using StreamPlatform.Tests.EndToEnd.Support;
using Xunit;

namespace StreamPlatform.Tests.EndToEnd;

/// <summary>The capture and the live page in a real Chromium with a fake camera and microphone fed from real files.</summary>
public sealed class BrowserTests(DemoFixture demo)
{
    private static readonly string? Chromium =
        new[] { "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome" }.FirstOrDefault(File.Exists);

    /// <summary>With the browser's Opus and, as where it has none, with PCM16: both are understood; Opus takes a fraction of the bytes.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_interview_held_in_the_browser_is_analysed_and_shown_live(bool opus)
    {
        Assert.SkipUnless(Chromium is not null, "no Chromium: apt-get install chromium");
        using var files = new DataDirectory();
        var video = await WriteVideoAsync(files.Path);
        var screenshots = Path.Combine(Repository.Root, ".cache", "screenshots");
        var (_, output, errors) = await NodeScript.RunAsync(
            TimeSpan.FromMinutes(4), "browser/interview.mjs",
            [demo.Pages.ToString().TrimEnd('/'), "--video", video, "--audio", Recording(), "--out", screenshots,
            "--questions", "read-passage-1,exactly-once-consumer", "--speak-seconds", "9", "--reconnect", "--report-seconds", "90", "--withdraw", "agree-emotion", "--listen",
            "--chromium", Chromium!, .. (string[])(opus ? [] : ["--no-opus"])]);
        var result = JsonNode.Parse(output.Length > 0 ? output : "{}")!;
        Assert.True(result["ok"]?.GetValue<bool>() == true, result["errors"]?.ToJsonString() + errors);
        Assert.True(result["reconnected"]!.GetValue<bool>());
        Assert.NotNull(result["live"]!["overall"]);
        Assert.Equal(2, (int)result["live"]!["scores"]!.GetValue<double>());
        Assert.True(result["live"]!["areas"]!.GetValue<double>() > 0, "the emotion timeline is drawn");

        var session = result["session"]!.GetValue<string>();
        var counts = result["counts"]!;
        var stored = await Interviews.WaitForResultsAsync(demo.Http, demo.Pages, session, r => r["report"] is JsonObject, TimeSpan.FromSeconds(60));
        Assert.Equal(counts["framesAcked"]!.GetValue<double>(), stored["emotionRows"]!.GetValue<double>());
        Assert.NotEmpty(stored["transcripts"]![0]!["text"]!.GetValue<string>());
        Assert.Equal("whether a face is there, blinks", result["withdrawn"]!.GetValue<string>());

        // in the browser's own player: Ogg for Opus, WAV else, as long as it was spoken
        var heard = Assert.Single(result["heard"]!.AsArray())!;
        Assert.Equal(0, (int)heard["question"]!.GetValue<double>());
        Assert.Equal(result["spokenSeconds"]!.GetValue<double>(), heard["seconds"]!.GetValue<double>(), 1.5);
        Assert.Equal(heard["seconds"]!.GetValue<double>(), heard["played"]!.GetValue<double>(), 0.3);
        var kept = Assert.Single(JsonNode.Parse(await demo.Http.GetStringAsync(new Uri(demo.Pages, $"/api/sessions/{session}/media")))!.AsArray())!;
        Assert.Equal(opus ? "audio/ogg" : "audio/wav", kept["contentType"]!.GetValue<string>());

        var kilobits = counts["audioBytes"]!.GetValue<double>() * 8 / 1000 / result["spokenSeconds"]!.GetValue<double>();
        TestContext.Current.SendDiagnosticMessage($"{kilobits:F0} kbit/s: {stored["transcripts"]![0]!["text"]}");
        Assert.InRange(kilobits, opus ? 5 : 150, opus ? 40 : 300);
    }

    private static async Task<string> WriteVideoAsync(string folder)
    {
        var material = await Task.Run(() => DemoMaterialLoader.Load(Repository.Assets));
        var path = Path.Combine(folder, "camera.mjpeg");
        await using var file = File.Create(path);
        foreach (var frame in material.Answers[1].Frames)
        {
            await file.WriteAsync(frame);
        }

        return path;
    }

    private static string Recording()
    {
        const string clip = "/usr/share/pocketsphinx/test/data/librivox/sense_and_sensibility_01_austen_64kb-0870.wav";
        Assert.SkipUnless(File.Exists(clip), $"{clip} is missing: apt-get install pocketsphinx-testdata");
        return clip;
    }
}
