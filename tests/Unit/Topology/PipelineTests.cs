using Google.Protobuf;
using StreamPlatform.Schemas;
using StreamPlatform.Schemas.V1;
using StreamPlatform.Speech;
using StreamPlatform.Streams;
using StreamPlatform.Topology;
using StreamPlatform.Topology.Ports;
using StreamPlatform.Topology.Speech;
using StreamPlatform.Topology.State;
using Xunit;

namespace StreamPlatform.Tests.Unit.Topology;

/// <summary>The interview's pipelines on the in-memory driver: whole topologies, models replaced by small fakes.</summary>
public sealed class PipelineTests
{
    private const string Session = "session-1";
    private static readonly PlainSerdes Events = new();

    [Fact]
    public void Frames_become_emotions_and_an_unreadable_one_goes_to_the_dead_letters_with_its_cause()
    {
        using var driver = new TopologyTestDriver(InterviewTopology.BuildEmotion(Events, new FakeFaces(), TimeProvider.System));
        Pipe(driver, Topics.Sessions, State(consent: true));
        for (var i = 1; i <= 4; i++)
        {
            Pipe(driver, Topics.Frames, Frame(i, i == 3 ? "corrupt" : "face"));
        }

        Assert.Equal([1, 2, 4], Read<EmotionObserved>(driver, Topics.Emotions).Select(e => e.Sequence));
        var dead = Assert.Single(Read<FrameCaptured>(driver, Topics.DeadLetter(Topics.Frames)));
        Assert.Equal(3, dead.Sequence);
        Assert.Empty(Read<AuditEvent>(driver, Topics.Audit));
    }

    [Fact]
    public void Without_consent_nothing_leaves_the_processor_but_one_audit_event_per_switch()
    {
        using var driver = new TopologyTestDriver(InterviewTopology.BuildEmotion(Events, new FakeFaces(), TimeProvider.System));
        Pipe(driver, Topics.Sessions, State(consent: false));
        for (var i = 1; i <= 4; i++)
        {
            Pipe(driver, Topics.Frames, Frame(i, "face"));
        }

        Assert.Empty(Read<EmotionObserved>(driver, Topics.Emotions));
        Assert.Equal(["emotion.denied", "face-presence.denied", "blink.denied"], Read<AuditEvent>(driver, Topics.Audit).Select(a => a.Action));
    }

    [Fact]
    public void A_frame_sent_again_is_analysed_once()
    {
        using var driver = new TopologyTestDriver(InterviewTopology.BuildEmotion(Events, new FakeFaces(), TimeProvider.System));
        Pipe(driver, Topics.Sessions, State(consent: true));
        foreach (var sequence in new[] { 1, 2, 2, 1, 3 })
        {
            Pipe(driver, Topics.Frames, Frame(sequence, "face"));
        }

        Assert.Equal([1, 2, 3], Read<EmotionObserved>(driver, Topics.Emotions).Select(e => e.Sequence));
    }

    [Fact]
    public void A_spoken_answer_becomes_segments_and_one_transcript_that_holds_every_sample_of_speech()
    {
        var recognizer = new FakeRecognizer();
        using var driver = new TopologyTestDriver(
            InterviewTopology.BuildTranscription(Events, recognizer, new SpeechSegmenter(new EnergyVoiceActivityDetector(), new SegmenterOptions())));
        Pipe(driver, Topics.Sessions, State(consent: true));
        var speech = Tone(3_000).Concat(Silence(900)).Concat(Tone(2_500)).Concat(Silence(600)).ToArray();
        var sequence = 0;
        for (var at = 0; at < speech.Length; at += 16_000)
        {
            Pipe(driver, Topics.Audio, Chunk(++sequence, speech.AsSpan(at, Math.Min(16_000, speech.Length - at)), end: at + 16_000 >= speech.Length));
        }

        Pipe(driver, Topics.Audio, Chunk(sequence, [], end: true)); // sent again
        var transcripts = Read<Transcript>(driver, Topics.Transcripts);
        var segments = transcripts.Where(t => t.Segment is not null).Select(t => t.Segment).ToList();
        Assert.Equal(2, segments.Count);
        Assert.True(segments[0].EndMs <= segments[1].StartMs);
        var completed = Assert.Single(transcripts, t => t.Completed is not null).Completed;
        Assert.Equal(string.Join(' ', segments.Select(s => s.Text)), completed.Text);
        Assert.Equal(speech.Length / 32, completed.AudioMs);
        Assert.InRange(completed.SpeechMs, 5_000, 6_000);
        Assert.Equal("q", completed.Question.Id);
    }

    [Fact]
    public void A_silent_answer_completes_with_an_empty_transcript()
    {
        using var driver = new TopologyTestDriver(
            InterviewTopology.BuildTranscription(Events, new FakeRecognizer(), new SpeechSegmenter(new EnergyVoiceActivityDetector(), new SegmenterOptions())));
        Pipe(driver, Topics.Sessions, State(consent: true));
        Pipe(driver, Topics.Audio, Chunk(1, [], end: true));
        Assert.Equal("", Assert.Single(Read<Transcript>(driver, Topics.Transcripts)).Completed.Text);
    }

    [Fact]
    public void Windows_of_a_session_that_fell_silent_close_by_wall_clock_and_count_every_frame_once()
    {
        using var driver = new TopologyTestDriver(InterviewTopology.BuildWindows(Events));
        for (var i = 1; i <= 45; i++)
        {
            Pipe(driver, Topics.Emotions, new EmotionObserved
            {
                SessionId = Session,
                Sequence = i,
                ClosureBegan = i % 5 == 0,
                Probabilities = i % 9 == 0 ? null : new EmotionProbabilities { Happy = 1 },
            }, 1_000_000 + (i * 500));
        }

        var early = Read<EmotionWindow>(driver, Topics.EmotionWindows);
        driver.Advance(TimeSpan.FromSeconds(9));
        var windows = early.Concat(Read<EmotionWindow>(driver, Topics.EmotionWindows)).ToList();
        Assert.Equal(45, windows.Sum(w => w.FramesAnalysed));
        Assert.Equal(40, windows.Sum(w => w.FramesWithFace));
        Assert.Equal([1_000_000, 1_010_000, 1_020_000], windows.Select(w => w.StartMs));
        Assert.All(windows, w => Assert.Equal("happy", w.Dominant));
        Assert.Equal(8, windows.Sum(w => w.Blinks)); // frame 45 has a closure but no face
    }

    private static SessionState State(bool consent) => new()
    {
        SessionId = Session,
        Jurisdiction = "US",
        Consents = new Consents { VideoEmotion = consent, FacePresence = consent, Blink = consent, AudioTranscription = true },
    };

    private static FrameCaptured Frame(long sequence, string content) =>
        new() { SessionId = Session, Sequence = sequence, Jpeg = ByteString.CopyFromUtf8(content) };

    private static AudioChunk Chunk(long sequence, ReadOnlySpan<byte> pcm, bool end) => new()
    {
        SessionId = Session,
        Sequence = sequence,
        Codec = AudioCodec.Pcm16,
        SampleRateHz = 16_000,
        Data = ByteString.CopyFrom(pcm),
        EndOfAnswer = end,
        Question = end ? new Question { Id = "q" } : null,
    };

    // A warbling tone with the energy of speech.
    private static byte[] Tone(int milliseconds)
    {
        var samples = new byte[milliseconds * 32];
        for (var i = 0; i < milliseconds * 16; i++)
        {
            var value = (short)(9_000 * Math.Sin(i * 2 * Math.PI * 220 / 16_000) * (0.6 + (0.4 * Math.Sin(i / 900.0))));
            BitConverter.TryWriteBytes(samples.AsSpan(i * 2), value);
        }

        return samples;
    }

    private static byte[] Silence(int milliseconds) => new byte[milliseconds * 32];

    private static void Pipe<T>(TopologyTestDriver driver, string topic, T value, long? timestampMs = null) where T : class, IMessage<T>, new() =>
        driver.Pipe(topic, Session, value, Serdes.Utf8, Events.For<T>(), timestampMs);

    private static List<T> Read<T>(TopologyTestDriver driver, string topic) where T : class, IMessage<T>, new() =>
        [.. driver.Read(topic, Serdes.Utf8, Events.For<T>()).Select(r => r.Value!)];

    private sealed class PlainSerdes : IEventSerdes
    {
        public ISerde<T> For<T>() where T : class, IMessage<T>, new() => new StateSerde<T>();
    }

    private sealed class FakeFaces : IEmotionModel
    {
        public string ModelVersion => "fake";

        public async ValueTask<FaceAnalysis> AnalyseAsync(ReadOnlyMemory<byte> jpeg, FaceQuery query, CancellationToken cancellationToken)
        {
            await Task.Yield();
            return jpeg.Span.SequenceEqual("corrupt"u8)
                ? throw new UnreadableImageException("damaged")
                : new FaceAnalysis(1, new FaceBox(), new EmotionProbabilities { Happy = 1 }, 0.3f, false);
        }
    }

    private sealed class FakeRecognizer : ISpeechRecognizer
    {
        private int calls;

        public string Engine => "fake";

        public ValueTask<RecognizedSpeech> RecognizeAsync(ReadOnlyMemory<byte> pcm16, CancellationToken cancellationToken) =>
            ValueTask.FromResult(new RecognizedSpeech($"segment {Interlocked.Increment(ref calls)}", 0.5f));
    }
}
