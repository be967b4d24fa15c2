using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using StreamPlatform.Speech.Synthesis;
using StreamPlatform.Tests.Unit.House;
using StreamPlatform.Topology.Ports;

namespace StreamPlatform.Tests.Unit.Gateway;

/// <summary>The candidate's page in a real Chromium, with espeak-ng's voice and a follow-up. Leaves screenshots in .cache/screenshots.</summary>
public sealed class CapturePageTests
{
    private static readonly string? Chromium = new[] { "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome" }.FirstOrDefault(File.Exists);

    [Fact]
    public async Task Questions_are_read_aloud_and_a_follow_up_comes_in_between()
    {
        var options = new SynthesisOptions { OfflineWaitMs = 60_000 };
        var folder = Repository.File("tests/js");
        Assert.SkipUnless(Chromium is not null, "no Chromium: apt-get install chromium");
        Assert.SkipUnless(EspeakSpeech.IsInstalled(options), "no espeak-ng: apt-get install espeak-ng");
        Assert.SkipUnless(Directory.Exists(Path.Combine(folder, "node_modules")), "tests/js/node_modules is missing: run npm ci in tests/js");
        await using var gateway = await GatewayHarness.StartAsync(services: s =>
        {
            s.AddSingleton<ISpeechSynthesizer>(_ => new LadderSynthesizer([new EspeakSpeech(options, TimeProvider.System)], options, TimeProvider.System));
            s.AddSingleton<IQuestionWriter, OneFollowUp>();
        });
        using var created = await gateway.Http.PostAsJsonAsync("/api/sessions", new { candidateName = "A", jurisdiction = "US", questionIds = new[] { "typed-1" }, followUps = 1 });
        var page = new Uri(gateway.Http.BaseAddress!, (await created.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("captureUrl").GetString()!);
        var start = new ProcessStartInfo("node", ["browser/read-aloud.mjs", page.ToString(), "--out", Repository.File(".cache/screenshots"), "--chromium", Chromium!])
        {
            WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true,
        };
        using var node = Process.Start(start)!;
        try
        {
            var output = node.StandardOutput.ReadToEndAsync();
            var errors = node.StandardError.ReadToEndAsync();
            await node.WaitForExitAsync().WaitAsync(TimeSpan.FromMinutes(3));
            Assert.True(node.ExitCode == 0, await output + await errors);
            var result = JsonDocument.Parse(await output).RootElement;
            Assert.Equal(
                [("Question 1 of 1", "Explain idempotence."), ("Follow-up question 2 of 2", "And for how long is it idempotent?")],
                result.GetProperty("questions").EnumerateArray().Select(q => (q.GetProperty("number").GetString(), q.GetProperty("text").GetString())));
            Assert.Equal([200, 200], result.GetProperty("speech").EnumerateArray().Select(s => s.GetInt32()));
        }
        finally
        {
            if (!node.HasExited)
            {
                node.Kill(entireProcessTree: true);
            }
        }
    }

    private sealed class OneFollowUp : IQuestionWriter
    {
        public Task<WrittenQuestion> WriteAsync(QuestionBrief brief, CancellationToken cancellationToken) =>
            Task.FromResult(new WrittenQuestion(null, QuestionOutcomes.Unavailable));

        public Task<WrittenQuestion> FollowUpAsync(FollowUpBrief brief, CancellationToken cancellationToken) => Task.FromResult(new WrittenQuestion(
            new() { Id = "fu", Text = "And for how long is it idempotent?", KeyPoints = { "a day" } }, QuestionOutcomes.Generated));
    }
}
