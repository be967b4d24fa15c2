using Google.Protobuf;
using Microsoft.Extensions.Logging.Abstractions;
using StreamPlatform.Providers;
using StreamPlatform.Schemas;
using StreamPlatform.Schemas.V1;
using StreamPlatform.Speech;
using StreamPlatform.Streams;
using StreamPlatform.Topology;
using StreamPlatform.Topology.Ports;
using StreamPlatform.Topology.Speech;
using StreamPlatform.Topology.State;

namespace StreamPlatform.Tests.Unit.Speech;

/// <summary>F17: the recognition service is killed by halves and restored while 100 interviews speak. Virtual time; the real dataflow, segmenter and failover.</summary>
public sealed class SpeechFailoverTests
{
    private const int Interviews = 100;
    private const int ChunkMs = 500;
    private const int SegmentsEach = 30;
    private const int SegmentMs = 3_000;
    private const long HalfDeadMs = 20_000;
    private const long DeadMs = 35_000;
    private const long RestoredMs = 60_000;

    private static readonly PlainSerdes Events = new();
    private static readonly byte[] Speech = [.. Sounds.Tone(2.2, 200, 6_000), .. Sounds.Silence(0.8)];

    private readonly VirtualTime time = new();
    private readonly Dictionary<string, Heard> heard = [];
    private readonly Dictionary<string, TranscriptCompleted> completed = [];

    private sealed record Heard(string Engine, long CutMs, long ArrivedMs);

    [Fact]
    public void A_hundred_interviews_fall_back_within_5_seconds_return_within_30_and_keep_every_transcript()
    {
        var service = new DyingService(time);
        var calls = new CountedRecognizer(new FailoverRecognizer(
            new ProviderRecognizer(service, "en"), new InstantRecognizer(), new FailoverOptions(), time, NullLogger<FailoverRecognizer>.Instance));
        var segmenter = new SpeechSegmenter(new EnergyVoiceActivityDetector(), new SegmenterOptions { InterimMs = 0 });
        using var driver = new TopologyTestDriver(InterviewTopology.BuildTranscription(Events, calls, segmenter), time: time);
        for (var i = 0; i < Interviews; i++)
        {
            driver.Pipe(Topics.Sessions, Id(i), new SessionState { SessionId = Id(i), Consents = new() { AudioTranscription = true } }, Serdes.Utf8, Events.For<SessionState>());
        }

        var start = driver.NowMs;
        const long spokenMs = SegmentsEach * SegmentMs;
        for (long now = 0; now <= spokenMs + SegmentMs + 5_000; now += 100)
        {
            service.Phase = now < HalfDeadMs ? Phase.Well : now < DeadMs ? Phase.HalfDead : now < RestoredMs ? Phase.Dead : Phase.Well;
            for (var i = 0; i < Interviews; i++)
            {
                Speak(driver, i, now - StartMs(i), spokenMs);
            }

            Settle(driver, calls, service);
            Collect(driver, driver.NowMs - start);
            time.Advance(TimeSpan.FromMilliseconds(100));
        }

        Assert.Equal(Interviews * SegmentsEach, heard.Count);
        Assert.Equal(Interviews, completed.Count);
        Assert.All(completed.Values, transcript => Assert.Equal(SegmentsEach, transcript.Segments));
        var slowest = heard.Values.Max(h => h.ArrivedMs - h.CutMs);
        var offline = heard.Values.Where(h => h.Engine == "offline").ToList();
        var recovered = heard.Values.Where(h => h.Engine == "whisper-1" && h.ArrivedMs >= RestoredMs).Min(h => h.ArrivedMs) - RestoredMs;
        var lastOffline = offline.Max(h => h.ArrivedMs) - RestoredMs;
        TestContext.Current.SendDiagnosticMessage(
            $"{heard.Count} segments, {offline.Count} heard offline, slowest {slowest} ms after its cut, first recovery {recovered} ms and last offline segment {lastOffline} ms after the service was restored, {service.Calls} calls");
        Assert.InRange(slowest, 0, 5_000);
        Assert.All(heard.Values.Where(h => h.CutMs is > DeadMs + 3_500 and < RestoredMs), h => Assert.Equal("offline", h.Engine));
        Assert.InRange(recovered, 0, 30_000);
        Assert.InRange(lastOffline, long.MinValue, 30_000);
        Assert.Contains(heard.Values, h => h.Engine == "whisper-1" && h.CutMs is > HalfDeadMs and < DeadMs); // half of a service is still one
    }

    private static string Id(int interview) => $"interview-{interview}";

    private static long StartMs(int interview) => interview % 30 * 100;

    private static void Speak(TopologyTestDriver driver, int interview, long atMs, long spokenMs)
    {
        if (atMs < ChunkMs || atMs % ChunkMs != 0 || atMs > spokenMs)
        {
            return;
        }

        var from = (int)((atMs - ChunkMs) % SegmentMs) * 32;
        driver.Enqueue(Topics.Audio, Id(interview), new AudioChunk
        {
            SessionId = Id(interview), Sequence = atMs / ChunkMs, Codec = AudioCodec.Pcm16, SampleRateHz = 16_000,
            Data = ByteString.CopyFrom(Speech.AsSpan(from, ChunkMs * 32)), EndOfAnswer = atMs == spokenMs, Question = new Question { Id = "q" },
        }, Serdes.Utf8, Events.For<AudioChunk>());
    }

    // Until every call under way waits for virtual time: then nothing happens before the clock moves.
    private static void Settle(TopologyTestDriver driver, CountedRecognizer calls, DyingService service)
    {
        for (var quiet = 0; quiet < 2;)
        {
            driver.Pump();
            quiet = driver.RunningCalls == calls.Active && calls.Active == service.Waiting ? quiet + 1 : 0;
            Thread.Yield();
        }
    }

    private void Collect(TopologyTestDriver driver, long nowMs)
    {
        foreach (var record in driver.Read(Topics.Transcripts, Serdes.Utf8, Events.For<Transcript>()))
        {
            if (record.Value!.Completed is { } done)
            {
                Assert.True(completed.TryAdd(done.SessionId, done));
                continue;
            }

            var segment = record.Value.Segment;
            var interview = int.Parse(segment.SessionId.Split('-')[1]);
            // The segment's second half of a pause and the chunk that brought it.
            var cutMs = StartMs(interview) + ((segment.EndMs + 240 + ChunkMs - 1) / ChunkMs * ChunkMs);
            Assert.True(heard.TryAdd(segment.SegmentId, new(segment.Engine, cutMs, nowMs)));
        }
    }

    private enum Phase
    {
        Well,
        HalfDead,
        Dead,
    }

    /// <summary>A service of two halves behind a breaker of R-21 (5 failures, 30 s, 3 successes): a dead half hangs, a dead service refuses or hangs.</summary>
    private sealed class DyingService(TimeProvider time) : IAudioProvider
    {
        private readonly Lock gate = new();
        private int failures;
        private int successes;
        private long openUntil;
        private int waiting;

        public Phase Phase { get; set; }

        public int Calls { get; private set; }

        public int Waiting => Volatile.Read(ref waiting);

        public async Task<AudioTranscription> TranscribeAsync(ReadOnlyMemory<byte> wav, string language, CallContext context, CancellationToken cancellationToken)
        {
            int call;
            lock (gate)
            {
                if (time.GetTimestamp() < openUntil)
                {
                    throw new ProviderException(ProviderFailure.BreakerOpen, "open");
                }

                call = ++Calls;
            }

            var good = Phase switch { Phase.Well => true, Phase.HalfDead => call % 2 == 0, _ => false };
            var hangs = Phase == Phase.Dead && call % 2 == 0;
            Interlocked.Increment(ref waiting);
            try
            {
                // The retries of the live class are inside: a dead half costs two attempts, then the other half answers.
                await Task.Delay(hangs ? TimeSpan.FromSeconds(30) : TimeSpan.FromMilliseconds(good ? 400 : 900), time, cancellationToken);
            }
            finally
            {
                Interlocked.Decrement(ref waiting);
            }

            var answered = good || (Phase == Phase.HalfDead && call % 8 != 1);
            lock (gate)
            {
                failures = answered ? 0 : failures + 1;
                successes = answered ? successes + 1 : 0;
                if (failures >= 5)
                {
                    (failures, openUntil) = (0, time.GetTimestamp() + (30 * time.TimestampFrequency));
                }
            }

            return answered
                ? new("words", [new(0, 1_000, "words", -0.1f, 0)], new CallCost("whisper-1", 3, 0, 0.0003m, false))
                : throw new ProviderException(ProviderFailure.Unavailable, "dead");
        }
    }

    private sealed class InstantRecognizer : ISpeechRecognizer
    {
        public string Engine => "offline";

        public ValueTask<RecognizedSpeech> RecognizeAsync(ReadOnlyMemory<byte> pcm16, CancellationToken cancellationToken) => ValueTask.FromResult(new RecognizedSpeech("words", 0.6f));
    }

    private sealed class CountedRecognizer(ISpeechRecognizer inner) : ISpeechRecognizer
    {
        private int active;

        public int Active => Volatile.Read(ref active);

        public string Engine => inner.Engine;

        public ValueTask<RecognizedSpeech> RecognizeAsync(ReadOnlyMemory<byte> pcm16, CancellationToken cancellationToken) => inner.RecognizeAsync(pcm16, cancellationToken);

        public async ValueTask<RecognizedSpeech> RecognizeAsync(ReadOnlyMemory<byte> pcm16, SpeechContext context, CancellationToken cancellationToken)
        {
            Interlocked.Increment(ref active);
            try
            {
                return await inner.RecognizeAsync(pcm16, context, cancellationToken);
            }
            finally
            {
                Interlocked.Decrement(ref active);
            }
        }
    }

    private sealed class PlainSerdes : IEventSerdes
    {
        public ISerde<T> For<T>() where T : class, IMessage<T>, new() => new StateSerde<T>();
    }
}
