using Google.Protobuf;
using StreamPlatform.Schemas;
using StreamPlatform.Schemas.V1;
using StreamPlatform.Streams;
using StreamPlatform.Topology;
using StreamPlatform.Topology.Load;
using StreamPlatform.Topology.Ports;
using StreamPlatform.Topology.State;
using StreamPlatform.Topology.Steps;
using Xunit;

namespace StreamPlatform.Tests.Unit.Topology;

/// <summary>The whole emotion and windows topologies on virtual time, with a model that is too slow for the frames that come in.</summary>
public sealed class OverloadTests
{
    private const int Sessions = 12;
    private const int FrameMs = 500;
    private static readonly PlainSerdes Events = new();

    [Fact]
    public async Task Under_overload_every_session_is_thinned_out_alike_none_to_zero_and_all_recover()
    {
        var time = new VirtualTime(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
        await using var load = new FrameLoad(new FrameLoadOptions { GraceMs = 0 }, time);
        var model = new SlowModel(time);
        using var emotion = new TopologyTestDriver(InterviewTopology.BuildEmotion(Events, model, time, load.Observe), time: time);
        using var windows = new TopologyTestDriver(InterviewTopology.BuildWindows(Events), time: time);
        var startMs = time.GetUtcNow().ToUnixTimeMilliseconds();
        foreach (var session in Ids())
        {
            emotion.Pipe(Topics.Sessions, session, Consented(session), Serdes.Utf8, Events.For<SessionState>());
        }

        // 12 sessions give 24 frames a second; the model does 10 a second for a minute, then 100.
        var queue = new Queue<FrameCaptured>();
        var sequence = 0;
        var highest = 0;
        while (time.GetUtcNow().ToUnixTimeMilliseconds() - startMs < 180_000)
        {
            var elapsedMs = sequence * FrameMs;
            model.MsPerFrame = elapsedMs < 60_000 ? 100 : 10;
            sequence++;
            foreach (var session in Ids())
            {
                queue.Enqueue(Frame(session, sequence, startMs + elapsedMs));
            }

            // What lies on the topic is read in order, as fast as the model lets it, until the next frames are due.
            while (queue.TryPeek(out var next) && time.GetUtcNow().ToUnixTimeMilliseconds() < startMs + elapsedMs + FrameMs)
            {
                queue.Dequeue();
                emotion.Pipe(Topics.Frames, next.SessionId, next, Serdes.Utf8, Events.For<FrameCaptured>(), next.CapturedAtMs);
                highest = Math.Max(highest, load.Level);
            }

            var untilNext = startMs + elapsedMs + FrameMs - time.GetUtcNow().ToUnixTimeMilliseconds();
            time.Advance(TimeSpan.FromMilliseconds(Math.Max(0, untilNext)));
        }

        var seen = emotion.Read(Topics.Emotions, Serdes.Utf8, Events.For<EmotionObserved>());
        foreach (var record in seen)
        {
            windows.Pipe(Topics.Emotions, record.Key, record.Value, Serdes.Utf8, Events.For<EmotionObserved>(), record.Value!.CapturedAtMs);
        }

        windows.Advance(TimeSpan.FromSeconds(9));
        var closed = windows.Read(Topics.EmotionWindows, Serdes.Utf8, Events.For<EmotionWindow>()).Select(r => r.Value!).ToList();

        Assert.InRange(highest, 2, Sampling.MaxLevel); // one in 3 is 8 frames a second: the least that is enough
        Assert.Equal(0, load.Level);
        Assert.All(closed, w => Assert.InRange(w.FramesAnalysed, 1, 20));
        Assert.Equal(sequence * Sessions - queue.Count, closed.Sum(w => w.FramesCaptured));
        Assert.Equal(model.Calls, closed.Sum(w => w.FramesAnalysed));
        var perSession = closed.GroupBy(w => w.SessionId).Select(s => s.Where(w => w.StartMs < startMs + 60_000).Sum(w => w.FramesAnalysed)).ToList();
        Assert.Equal(Sessions, perSession.Count);
        Assert.InRange((double)perSession.Max() / perSession.Min(), 1, 1.5);
        Assert.True(closed.Where(w => w.StartMs < startMs + 60_000).Sum(w => w.FramesSkipped) > 0);
        var last = closed.Where(w => w.StartMs == startMs + 160_000).ToList();
        Assert.Equal(Sessions, last.Count);
        Assert.All(last, w => Assert.Equal((20, 20), (w.FramesAnalysed, w.FramesCaptured)));
    }

    [Fact]
    public void Without_any_consent_the_decoder_is_never_called_and_a_consent_given_later_counts_from_the_next_frame()
    {
        var time = new VirtualTime();
        var model = new SlowModel(time);
        using var driver = new TopologyTestDriver(InterviewTopology.BuildEmotion(Events, model, time), time: time);
        driver.Pipe(Topics.Sessions, "s", new SessionState { SessionId = "s", Jurisdiction = "US" }, Serdes.Utf8, Events.For<SessionState>());
        for (var sequence = 1; sequence <= 50; sequence++)
        {
            driver.Pipe(Topics.Frames, "s", Frame("s", sequence, 0), Serdes.Utf8, Events.For<FrameCaptured>());
        }

        Assert.Equal(0, model.Calls);
        Assert.Equal(3, driver.Read(Topics.Audit, Serdes.Utf8, Events.For<AuditEvent>()).Count);
        driver.Pipe(Topics.Sessions, "s", Consented("s"), Serdes.Utf8, Events.For<SessionState>());
        driver.Pipe(Topics.Frames, "s", Frame("s", 51, 0), Serdes.Utf8, Events.For<FrameCaptured>());
        Assert.Equal(1, model.Calls);
        Assert.Equal([51], driver.Read(Topics.Emotions, Serdes.Utf8, Events.For<EmotionObserved>()).Select(r => r.Value!.Sequence));
    }

    [Fact]
    public void In_the_EU_presence_and_blinks_are_computed_and_emotion_is_not()
    {
        var time = new VirtualTime();
        var model = new SlowModel(time);
        using var driver = new TopologyTestDriver(InterviewTopology.BuildEmotion(Events, model, time), time: time);
        var session = Consented("s");
        session.Jurisdiction = "EU";
        driver.Pipe(Topics.Sessions, "s", session, Serdes.Utf8, Events.For<SessionState>());
        driver.Pipe(Topics.Frames, "s", Frame("s", 1, 0), Serdes.Utf8, Events.For<FrameCaptured>());
        var seen = Assert.Single(driver.Read(Topics.Emotions, Serdes.Utf8, Events.For<EmotionObserved>())).Value!;
        Assert.Equal(FaceOutputs.FacePresence | FaceOutputs.Blink, model.Asked);
        Assert.True(seen.NoEmotion);
        Assert.Null(seen.Probabilities);
        Assert.Equal("", seen.Dominant);
        Assert.NotNull(seen.Face);
        Assert.True(seen.EyeOpenness > 0);
    }

    private static IEnumerable<string> Ids() => Enumerable.Range(1, Sessions).Select(i => $"session-{i:00}");

    private static SessionState Consented(string session) => new()
    {
        SessionId = session,
        Jurisdiction = "US",
        Consents = new Consents { VideoEmotion = true, FacePresence = true, Blink = true },
    };

    private static FrameCaptured Frame(string session, long sequence, long atMs) =>
        new() { SessionId = session, Sequence = sequence, CapturedAtMs = atMs, ReceivedAtMs = atMs, Jpeg = ByteString.CopyFromUtf8("face") };

    /// <summary>Takes virtual time for each frame, one after the other.</summary>
    private sealed class SlowModel(VirtualTime time) : IEmotionModel
    {
        public int MsPerFrame { get; set; }

        public int Calls { get; private set; }

        public FaceOutputs Asked { get; private set; }

        public string ModelVersion => "slow";

        public ValueTask<FaceAnalysis> AnalyseAsync(ReadOnlyMemory<byte> jpeg, FaceQuery query, CancellationToken cancellationToken)
        {
            Calls++;
            Asked = query.Outputs;
            time.Advance(TimeSpan.FromMilliseconds(MsPerFrame));
            var box = new FaceBox { Left = 0.3f, Top = 0.3f, Width = 0.4f, Height = 0.4f };
            var emotion = query.Outputs.HasFlag(FaceOutputs.Emotion) ? new EmotionProbabilities { Happy = 1 } : null;
            return ValueTask.FromResult(new FaceAnalysis(1, box, emotion, 0.3f, false) { Faces = [new FaceReading(box, emotion, 0.3f, 0, 0.5f, 1)] });
        }
    }

    private sealed class PlainSerdes : IEventSerdes
    {
        public ISerde<T> For<T>() where T : class, IMessage<T>, new() => new StateSerde<T>();
    }
}
