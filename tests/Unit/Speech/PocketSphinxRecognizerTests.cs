using System.Diagnostics;
using StreamPlatform.Speech;
using StreamPlatform.Streams;
using StreamPlatform.Topology.Ports;
using StreamPlatform.Topology.Speech;

namespace StreamPlatform.Tests.Unit.Speech;

public sealed class PocketSphinxRecognizerTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Real_speech_is_understood_with_a_word_error_rate_of_about_a_third_or_less()
    {
        LibriVoxClips.SkipWhereMissing();
        await using PocketSphinxRecognizer recognizer = new(new PocketSphinxOptions());
        int errors = 0, words = 0;
        double seconds = 0;
        Stopwatch watch = Stopwatch.StartNew();
        foreach (LibriVoxClips.Clip clip in LibriVoxClips.All())
        {
            RecognizedSpeech speech = await recognizer.RecognizeAsync(clip.Pcm16, Cancel);
            string[] expected = WordErrorRate.Words(clip.Text);
            int clipErrors = WordErrorRate.Distance(expected, WordErrorRate.Words(speech.Text));
            TestContext.Current.SendDiagnosticMessage($"{clip.Name}: {clipErrors}/{expected.Length}, confidence {speech.Confidence:F2}: {speech.Text}");
            Assert.InRange(speech.Confidence, 0.3f, 1f);
            Assert.Matches("^[a-z' ]+$", speech.Text);
            errors += clipErrors;
            words += expected.Length;
            seconds += clip.Seconds;
        }
        TestContext.Current.SendDiagnosticMessage($"word error rate {(double)errors / words:F3}, {watch.Elapsed.TotalSeconds / seconds:F2} s per second of speech");
        Assert.True((double)errors / words <= 0.36, $"{errors} errors in {words} words");
    }

    [Fact]
    public async Task A_segments_text_does_not_depend_on_what_was_heard_before_it()
    {
        LibriVoxClips.SkipWhereMissing();
        await using PocketSphinxRecognizer recognizer = new(new PocketSphinxOptions());
        IReadOnlyList<LibriVoxClips.Clip> clips = LibriVoxClips.All();
        RecognizedSpeech first = await recognizer.RecognizeAsync(clips[1].Pcm16, Cancel);
        await recognizer.RecognizeAsync(clips[4].Pcm16, Cancel);
        Assert.Equal(first, await recognizer.RecognizeAsync(clips[1].Pcm16, Cancel));
    }

    [Fact]
    public async Task Calls_beyond_the_pool_wait_their_turn_and_calls_beyond_the_bound_are_refused_as_transient()
    {
        LibriVoxClips.SkipWhereMissing();
        await using PocketSphinxRecognizer recognizer = new(new PocketSphinxOptions { MaxDecoders = 1, MaxWaiting = 1 });
        byte[] clip = LibriVoxClips.All()[1].Pcm16;
        Task<RecognizedSpeech>[] calls = [.. Enumerable.Range(0, 3).Select(_ => recognizer.RecognizeAsync(clip, Cancel).AsTask())];
        await Task.WhenAll(calls).ContinueWith(_ => { }, Cancel, TaskContinuationOptions.None, TaskScheduler.Default);
        Assert.Equal(2, calls.Count(call => call.IsCompletedSuccessfully));
        Assert.IsAssignableFrom<TimeoutException>(calls.Single(call => call.IsFaulted).Exception!.InnerException);
        Assert.NotEqual("", (await recognizer.RecognizeAsync(clip, Cancel)).Text);
    }

    [Fact]
    public async Task A_cancelled_call_returns_at_once_and_the_decoder_serves_the_next()
    {
        LibriVoxClips.SkipWhereMissing();
        await using PocketSphinxRecognizer recognizer = new(new PocketSphinxOptions());
        byte[] clip = LibriVoxClips.All()[1].Pcm16;
        using CancellationTokenSource source = new();
        Task<RecognizedSpeech> call = recognizer.RecognizeAsync(clip, source.Token).AsTask();
        await source.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        Assert.NotEqual("", (await recognizer.RecognizeAsync(clip, Cancel)).Text);
    }

    [Fact]
    public async Task Silence_and_less_than_a_tenth_of_a_second_give_no_text()
    {
        LibriVoxClips.SkipWhereMissing();
        await using PocketSphinxRecognizer recognizer = new(new PocketSphinxOptions());
        Assert.Equal(new RecognizedSpeech("", 0), await recognizer.RecognizeAsync(new byte[320], Cancel));
        Assert.Equal("", (await recognizer.RecognizeAsync(new byte[64_000], Cancel)).Text);
    }

    [Theory]
    [InlineData(3)]
    [InlineData(PocketSphinxRecognizer.MaxSegmentBytes + 2)]
    public async Task A_segment_that_can_never_be_decoded_is_refused_with_its_size(int bytes)
    {
        LibriVoxClips.SkipWhereMissing();
        await using PocketSphinxRecognizer recognizer = new(new PocketSphinxOptions());
        PoisonException error = await Assert.ThrowsAsync<PoisonException>(async () => await recognizer.RecognizeAsync(new byte[bytes], Cancel));
        Assert.Contains(bytes.ToString(), error.Message);
    }

    [Fact]
    public void A_missing_model_is_named_together_with_the_package_that_has_it()
    {
        string? missing = PocketSphinxRecognizer.FindMissing(new PocketSphinxOptions { ModelDirectory = "no-such-model" });
        Assert.Contains("apt-get install", missing);
        Assert.Throws<SpeechEngineUnavailableException>(() => new PocketSphinxRecognizer(new PocketSphinxOptions { ModelDirectory = "no-such-model" }));
    }

    [Fact]
    public void An_option_out_of_range_is_named()
    {
        Assert.Contains("MaxDecoders", Assert.Throws<ArgumentOutOfRangeException>(new PocketSphinxOptions { MaxDecoders = 0 }.Validate).Message);
    }
}
