using Microsoft.Extensions.Logging.Abstractions;
using StreamPlatform.Speech;
using StreamPlatform.TestProvider;
using StreamPlatform.Tests.Unit.Providers;
using StreamPlatform.Topology.Ports;

namespace StreamPlatform.Tests.Unit.Speech;

/// <summary>The real provider with its breaker and retries, the real offline engine, a server that dies and comes back.</summary>
public sealed class ProviderFailoverTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(FaultKind.Disconnect)]
    [InlineData(FaultKind.ServerError)]
    public async Task A_dead_service_is_replaced_at_once_and_used_again_within_30_seconds_of_its_return(FaultKind fault)
    {
        LibriVoxClips.SkipWhereMissing();
        JumpingTime time = new(TimeSpan.FromSeconds(1)); // pauses between attempts pass at once, time-outs do not
        await using ProviderBench bench = await ProviderBench.StartAsync(time);
        await using PocketSphinxRecognizer offline = new(new PocketSphinxOptions());
        FailoverRecognizer recognizer = new(new ProviderRecognizer(bench.Set.Audio, "en"), offline, new FailoverOptions(), time, NullLogger<FailoverRecognizer>.Instance);
        LibriVoxClips.Clip clip = LibriVoxClips.All()[1];
        SpeechContext context = new("acme", "s1");

        RecognizedSpeech speech = await recognizer.RecognizeAsync(clip.Pcm16, context, Cancel);
        Assert.Equal(("whisper-1", clip.Text), (speech.Engine, speech.Text));
        Assert.InRange(speech.Confidence, 0.7f, 1f);

        bench.Server.Faults.Set(new Fault { Kind = fault, Endpoint = "audio" });
        for (int i = 0; i < 3; i++)
        {
            speech = await recognizer.RecognizeAsync(clip.Pcm16, context, Cancel);
            Assert.Equal("pocketsphinx", speech.Engine);
            Assert.NotEqual("", speech.Text);
        }
        Assert.True(recognizer.IsOffline);

        bench.Server.Faults.Clear();
        int waited = 0;
        for (; waited <= 60 && recognizer.IsOffline; waited += 5)
        {
            time.Advance(TimeSpan.FromSeconds(5));
            speech = await recognizer.RecognizeAsync(clip.Pcm16, context, Cancel);
        }
        TestContext.Current.SendDiagnosticMessage($"{fault}: back after {waited} s");
        Assert.Equal("whisper-1", speech.Engine);
        Assert.InRange(waited, 0, 35); // 30 s, seen by a segment every 5 s
    }
}
