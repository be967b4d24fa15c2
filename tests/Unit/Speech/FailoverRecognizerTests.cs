using Microsoft.Extensions.Logging.Abstractions;
using StreamPlatform.Providers;
using StreamPlatform.Services;
using StreamPlatform.Speech;
using StreamPlatform.Streams;
using StreamPlatform.Topology.Ports;

namespace StreamPlatform.Tests.Unit.Speech;

public sealed class FailoverRecognizerTests
{
    private static readonly byte[] Second = new byte[32_000];
    private readonly VirtualTime time = new();
    private readonly FakeAudio api = new();
    private readonly List<bool> switches = [];
    private readonly FailoverRecognizer recognizer;

    public FailoverRecognizerTests()
    {
        recognizer = new(new ProviderRecognizer(api, "en"), new Offline(), new FailoverOptions(), time, NullLogger<FailoverRecognizer>.Instance);
        recognizer.Switched += switches.Add;
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_first_engine_is_used_while_it_answers_and_its_model_is_named()
    {
        RecognizedSpeech speech = await HearAsync();
        Assert.Equal(("hello there", "whisper-1"), (speech.Text, speech.Engine));
        Assert.Equal(Math.Exp(-0.2), speech.Confidence, 5);
        Assert.Empty(switches);
    }

    [Fact]
    public async Task Health_says_which_engine_hears_and_since_when()
    {
        var health = new RecogniserHealth(recognizer, time);
        var start = time.GetUtcNow().UtcDateTime;
        Assert.Equal($"api hears since {start:yyyy-MM-dd'T'HH:mm:ss'Z'}", health.Check().Detail);
        time.Advance(TimeSpan.FromMinutes(1));
        api.Fail = ProviderFailure.BreakerOpen;
        await HearAsync();
        Assert.Equal($"offline hears since {start.AddMinutes(1):yyyy-MM-dd'T'HH:mm:ss'Z'}", health.Check().Detail);
        Assert.True(health.Check().Healthy);
    }

    [Fact]
    public async Task Whether_any_engine_hears_is_told_of_each_segment()
    {
        List<bool> heard = [];
        var last = new Breakable();
        var watched = new FailoverRecognizer(new ProviderRecognizer(api, "en"), last, new FailoverOptions(), time, NullLogger<FailoverRecognizer>.Instance);
        watched.Heard += heard.Add;
        await watched.RecognizeAsync(Second, Cancel);
        api.Fail = ProviderFailure.BreakerOpen;
        await watched.RecognizeAsync(Second, Cancel); // the other engine stands in
        last.Fail = new RecognizerBusyException(4);
        await Assert.ThrowsAsync<RecognizerBusyException>(async () => await watched.RecognizeAsync(Second, Cancel));
        last.Fail = new PoisonException("no segment");
        await Assert.ThrowsAsync<PoisonException>(async () => await watched.RecognizeAsync(Second, Cancel)); // says nothing
        last.Fail = null;
        await watched.RecognizeAsync(Second, Cancel);
        Assert.Equal([true, true, false, true], heard);
    }

    [Theory]
    [InlineData(ProviderFailure.BreakerOpen, 1)]
    [InlineData(ProviderFailure.QuotaExhausted, 1)]
    [InlineData(ProviderFailure.Rejected, 1)]
    [InlineData(ProviderFailure.Unavailable, 2)]
    [InlineData(ProviderFailure.RateLimited, 2)]
    [InlineData(ProviderFailure.InvalidAnswer, 2)]
    public async Task Every_failed_segment_is_heard_offline_and_enough_of_them_switch(ProviderFailure failure, int enough)
    {
        api.Fail = failure;
        for (int i = 1; i <= enough + 3; i++)
        {
            Assert.Equal("offline", (await HearAsync()).Engine);
            Assert.Equal(Math.Min(i, enough), api.Calls);
            Assert.Equal(i >= enough, recognizer.IsOffline);
        }
        Assert.Equal([true], switches);
    }

    [Theory]
    [InlineData(ProviderFailure.BudgetExhausted)]
    [InlineData(ProviderFailure.Overloaded)]
    public async Task What_concerns_one_segment_alone_does_not_switch(ProviderFailure failure)
    {
        api.Fail = failure;
        for (int i = 0; i < 10; i++)
        {
            Assert.Equal("offline", (await HearAsync()).Engine);
        }
        Assert.Equal(10, api.Calls);
        Assert.Empty(switches);
    }

    [Fact]
    public async Task An_engine_that_hangs_is_left_after_three_seconds_and_the_next_segment_does_not_wait()
    {
        api.Hang = true;
        Task<RecognizedSpeech> first = recognizer.RecognizeAsync(Second, Cancel).AsTask();
        time.Advance(TimeSpan.FromMilliseconds(2_999));
        Assert.False(first.IsCompleted);
        time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal("offline", (await first).Engine);
        Assert.True(recognizer.IsOffline);
        Assert.Equal("offline", (await recognizer.RecognizeAsync(Second, Cancel)).Engine); // no time passes
        Assert.Equal(1, api.Calls);
    }

    [Fact]
    public async Task One_segment_at_a_time_tries_again_and_success_brings_every_segment_back()
    {
        api.Fail = ProviderFailure.Rejected;
        await HearAsync();
        time.Advance(TimeSpan.FromSeconds(5));
        await HearAsync();
        await HearAsync();
        Assert.Equal(2, api.Calls); // the second of them waits for the next turn
        api.Fail = null;
        Assert.Equal("offline", (await HearAsync()).Engine);
        time.Advance(TimeSpan.FromSeconds(5));
        api.Hang = true;
        Task<RecognizedSpeech> probe = recognizer.RecognizeAsync(Second, Cancel).AsTask();
        Assert.Equal("offline", (await HearAsync()).Engine); // while a probe is under way
        api.Release();
        Assert.Equal("whisper-1", (await probe).Engine);
        Assert.Equal("whisper-1", (await HearAsync()).Engine);
        Assert.Equal([true, false], switches);
    }

    [Fact]
    public async Task An_open_breaker_is_asked_every_second()
    {
        api.Fail = ProviderFailure.BreakerOpen;
        await HearAsync();
        for (int i = 0; i < 30; i++)
        {
            time.Advance(TimeSpan.FromSeconds(1));
            await HearAsync();
        }
        Assert.Equal(31, api.Calls);
        api.Fail = null;
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal("whisper-1", (await HearAsync()).Engine);
    }

    [Fact]
    public async Task A_cancelled_probe_lets_the_next_segment_probe()
    {
        api.Fail = ProviderFailure.Rejected;
        await HearAsync();
        time.Advance(TimeSpan.FromSeconds(5));
        api.Fail = null;
        api.Hang = true;
        using CancellationTokenSource source = new();
        Task<RecognizedSpeech> probe = recognizer.RecognizeAsync(Second, source.Token).AsTask();
        await source.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => probe);
        api.Release();
        Assert.Equal("whisper-1", (await HearAsync()).Engine);
    }

    [Fact]
    public async Task Noise_by_the_models_own_rule_has_no_words_and_an_answer_without_segments_no_confidence()
    {
        api.Segments = [new(0, 1_000, " Thank you.", -1.4f, 0.9f), new(1_000, 2_000, " Yes. ", -0.1f, 0.01f)];
        Assert.Equal("Yes.", (await HearAsync()).Text);
        api.Segments = [];
        Assert.Equal(("hello there", 0f), ((await HearAsync()).Text, (await HearAsync()).Confidence));
    }

    [Fact]
    public async Task Interim_transcripts_never_cost_money()
    {
        Assert.Equal("offline", (await recognizer.TryRecognizeInterimAsync(Second, Cancel))!.Engine);
        Assert.Equal(0, api.Calls);
    }

    [Fact]
    public async Task The_provider_gets_a_wave_file_and_knows_who_pays()
    {
        await recognizer.RecognizeAsync(Second, new SpeechContext("acme", "s1"), Cancel);
        Assert.Equal(32_044, api.Wav.Length);
        Assert.Equal("RIFF"u8, api.Wav.Span[..4]);
        Assert.Equal(("acme", "s1", "transcribe", RetryClass.Live), (api.Context!.Tenant, api.Context.SessionId, api.Context.Task, api.Context.Retries));
    }

    private Task<RecognizedSpeech> HearAsync()
    {
        bool hang = api.Hang;
        api.Hang = false;
        try
        {
            return recognizer.RecognizeAsync(Second, Cancel).AsTask();
        }
        finally
        {
            api.Hang = hang;
        }
    }

    private sealed class Breakable : ISpeechRecognizer
    {
        public Exception? Fail { get; set; }

        public string Engine => "breakable";

        public ValueTask<RecognizedSpeech> RecognizeAsync(ReadOnlyMemory<byte> pcm16, CancellationToken cancellationToken) =>
            Fail is null ? ValueTask.FromResult(new RecognizedSpeech("heard", 1)) : ValueTask.FromException<RecognizedSpeech>(Fail);
    }

    private sealed class Offline : ISpeechRecognizer
    {
        public string Engine => "offline";

        public ValueTask<RecognizedSpeech> RecognizeAsync(ReadOnlyMemory<byte> pcm16, CancellationToken cancellationToken) => ValueTask.FromResult(new RecognizedSpeech("words", 0.6f));

        public ValueTask<RecognizedSpeech?> TryRecognizeInterimAsync(ReadOnlyMemory<byte> pcm16, CancellationToken cancellationToken) =>
            ValueTask.FromResult<RecognizedSpeech?>(new RecognizedSpeech("wor", 0.4f, Engine));
    }

    private sealed class FakeAudio : IAudioProvider
    {
        private readonly TaskCompletionSource released = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public ProviderFailure? Fail { get; set; }

        public bool Hang { get; set; }

        public int Calls { get; private set; }

        public ReadOnlyMemory<byte> Wav { get; private set; }

        public CallContext? Context { get; private set; }

        public IReadOnlyList<AudioSegment> Segments { get; set; } = [new(0, 1_000, " hello there", -0.2f, 0.01f)];

        public void Release() => released.SetResult();

        public async Task<AudioTranscription> TranscribeAsync(ReadOnlyMemory<byte> wav, string language, CallContext context, CancellationToken cancellationToken)
        {
            Calls++;
            (Wav, Context) = (wav, context);
            if (Hang)
            {
                await released.Task.WaitAsync(cancellationToken);
            }
            return Fail is { } failure ? throw new ProviderException(failure, "injected") : new("hello there", Segments, new CallCost("whisper-1", 1, 0, 0.0001m, false));
        }
    }
}
