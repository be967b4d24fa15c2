using Google.Protobuf;
using StreamPlatform.Schemas;
using StreamPlatform.Schemas.V1;
using StreamPlatform.Speech;
using StreamPlatform.Speech.Opus;
using StreamPlatform.Streams;
using StreamPlatform.Tests.Unit.Speech;
using StreamPlatform.Topology;
using StreamPlatform.Topology.Ports;
using StreamPlatform.Topology.Speech;
using StreamPlatform.Topology.State;
using StreamPlatform.Topology.Steps;

namespace StreamPlatform.Tests.Unit.Topology;

/// <summary>The transcription on the in-memory driver: what people see of an answer while it is spoken and afterwards.</summary>
public sealed class TranscriptionTests
{
    private const string Session = "session-1";
    private static readonly PlainSerdes Events = new();
    private readonly ScriptedRecognizer recognizer = new();

    [Fact]
    public void A_long_segment_is_shown_while_it_is_open_and_the_final_one_takes_its_place()
    {
        var transcripts = Transcribe([.. Sounds.Tone(8, 200, 6_000), .. Sounds.Silence(1)]);
        var segments = transcripts.Where(t => t.Segment is not null).Select(t => t.Segment).ToList();
        Assert.Equal([true, true, false], segments.Select(s => s.Interim));
        Assert.Single(segments.Select(s => s.SegmentId).Distinct());
        Assert.Equal([3_000L, 6_000L], segments.Where(s => s.Interim).Select(s => s.EndMs));
        Assert.Equal("final", transcripts.Single(t => t.Completed is not null).Completed.Text); // interim words are in no transcript
        Assert.Equal(1, transcripts.Single(t => t.Completed is not null).Completed.Segments);
    }

    [Fact]
    public void An_interim_transcript_of_what_turns_out_to_be_nothing_is_taken_back()
    {
        recognizer.Final = new("", 0);
        var segments = Transcribe([.. Sounds.Tone(4, 200, 6_000), .. Sounds.Silence(1)]).Where(t => t.Segment is not null).Select(t => t.Segment).ToList();
        Assert.Equal([(true, "interim"), (false, "")], segments.Select(s => (s.Interim, s.Text)));
    }

    [Fact]
    public void A_busy_engine_gives_no_interim_transcript()
    {
        recognizer.Interim = null;
        Assert.DoesNotContain(Transcribe(Sounds.Tone(8, 200, 6_000)), t => t.Segment is { Interim: true });
    }

    [Fact]
    public void How_an_answer_was_spoken_is_measured()
    {
        recognizer.Final = new("one two three four five", 0.9f);
        var signal = Sounds.Silence(0.6).Concat(Sounds.Tone(3, 200, 6_000)).Concat(Sounds.Silence(0.3)).Concat(Sounds.Tone(2.1, 200, 6_000))
            .Concat(Sounds.Silence(1.2)).Concat(Sounds.Tone(3, 200, 6_000)).Concat(Sounds.Silence(0.9)).ToArray();
        var done = Transcribe(signal).Single(t => t.Completed is not null).Completed;
        Assert.InRange(done.Features.TalkMs, 8_000, 8_200);
        Assert.Equal(done.AudioMs, done.Features.TalkMs + done.Features.SilenceMs);
        Assert.InRange(done.Features.OnsetMs, 560, 640);
        Assert.Equal(2, done.Features.Pauses);
        Assert.InRange(done.Features.LongestPauseMs, 1_140, 1_260);
        Assert.Equal(done.Segments * 5, done.Features.Words);
        Assert.InRange(done.Features.WordsPerMinute, done.Features.Words * 60 / 9.7f, done.Features.Words * 60 / 9.5f); // 9.6 s from the first word to the last
        Assert.False(done.NeedsCorrection);
    }

    [Fact]
    public void An_answer_of_low_confidence_is_marked_for_correction_and_silence_is_not()
    {
        recognizer.Final = new("murmur", 0.69f);
        Assert.True(Transcribe([.. Sounds.Tone(2, 200, 6_000), .. Sounds.Silence(1)]).Single(t => t.Completed is not null).Completed.NeedsCorrection);
        Assert.False(Transcribe(Sounds.Silence(2), first: 100).Single(t => t.Completed is not null).Completed.NeedsCorrection);
    }

    [Fact]
    public void Speech_that_no_engine_understood_lowers_the_confidence()
    {
        recognizer.Finals = new([new("clear words", 0.9f), new("", 0)]);
        var done = Transcribe([.. Sounds.Tone(2, 200, 6_000), .. Sounds.Silence(1), .. Sounds.Tone(2, 200, 6_000), .. Sounds.Silence(1)]).Single(t => t.Completed is not null).Completed;
        Assert.InRange(done.Confidence, 0.44f, 0.46f);
        Assert.True(done.NeedsCorrection);
    }

    [Fact]
    public void Every_engine_that_heard_a_part_is_named()
    {
        recognizer.Finals = new([new("a", 0.9f, "whisper-1"), new("b", 0.9f, "pocketsphinx"), new("c", 0.9f, "whisper-1")]);
        byte[] part = [.. Sounds.Tone(2, 200, 6_000), .. Sounds.Silence(1)];
        var transcripts = Transcribe([.. part, .. part, .. part]);
        Assert.Equal(["whisper-1", "pocketsphinx", "whisper-1"], transcripts.Where(t => t.Segment is { Interim: false }).Select(t => t.Segment.Engine));
        Assert.Equal("whisper-1+pocketsphinx", transcripts.Single(t => t.Completed is not null).Completed.Engine);
    }

    [Fact]
    public void A_correction_is_the_next_revision_and_keeps_how_it_was_spoken()
    {
        recognizer.Final = new("one too three", 0.5f);
        var heard = Transcribe([.. Sounds.Tone(2, 200, 6_000), .. Sounds.Silence(1)]).Single(t => t.Completed is not null).Completed;
        var corrected = TranscriptSteps.Correct(heard, "one two three four", "ada", "misheard");
        Assert.Equal((1, "human", 1f, false, "ada", "misheard"), (corrected.Revision, corrected.Engine, corrected.Confidence, corrected.NeedsCorrection, corrected.CorrectedBy, corrected.CorrectionReason));
        Assert.Equal(heard.Features.TalkMs, corrected.Features.TalkMs);
        Assert.Equal(heard.Features.WordsPerMinute * 4 / 3, corrected.Features.WordsPerMinute, 2);
        Assert.Equal(2, TranscriptSteps.Correct(corrected, "x", "bob", "again").Revision);
        Assert.Equal("one too three", heard.Text);
    }

    [Fact]
    public void A_broken_Opus_chunk_goes_to_the_dead_letters_and_the_answer_goes_on()
    {
        using var driver = Driver();
        Pipe(driver, Opus(1, [0, 9, 1], end: false));
        Pipe(driver, Opus(2, [], end: true));
        Assert.Single(driver.ReadDeadLetters(Topics.Audio));
        Assert.Equal("", Read<Transcript>(driver, Topics.Transcripts).Single().Completed.Text);
    }

    [Fact]
    public void A_broken_last_chunk_still_ends_the_answer_and_is_audited()
    {
        using var driver = Driver();
        Pipe(driver, Opus(1, [0, 9, 1], end: true));
        Assert.Empty(driver.ReadDeadLetters(Topics.Audio));
        Assert.NotNull(Read<Transcript>(driver, Topics.Transcripts).Single().Completed);
        Assert.Equal("audio.unreadable", Read<AuditEvent>(driver, Topics.Audit).Single().Action);
    }

    [Fact]
    public void Silent_Opus_is_decoded_chunk_by_chunk()
    {
        Assert.SkipUnless(OpusDecoder.FindMissing() is null, "apt-get install libopus0");
        using var driver = Driver();
        var silence = OpusPackets.Write(Enumerable.Repeat(new ReadOnlyMemory<byte>([0x48, 0x00]), 12)); // SILK, 20 ms at 16 kHz
        for (var i = 1; i <= 4; i++)
        {
            Pipe(driver, Opus(i, silence, end: i == 4));
        }

        Assert.Equal(4 * 240, Read<Transcript>(driver, Topics.Transcripts).Single(t => t.Completed is not null).Completed.AudioMs);
    }

    private List<Transcript> Transcribe(byte[] pcm16, int first = 0)
    {
        using var driver = Driver();
        for (var at = 0; at < pcm16.Length; at += 8_000)
        {
            Pipe(driver, new AudioChunk
            {
                SessionId = Session, Sequence = first + (at / 8_000) + 1, Codec = AudioCodec.Pcm16, SampleRateHz = 16_000,
                Data = ByteString.CopyFrom(pcm16.AsSpan(at, Math.Min(8_000, pcm16.Length - at))), EndOfAnswer = at + 8_000 >= pcm16.Length, Question = new Question { Id = "q" },
            });
        }

        return Read<Transcript>(driver, Topics.Transcripts);
    }

    private TopologyTestDriver Driver()
    {
        var segmenter = new SpeechSegmenter(new EnergyVoiceActivityDetector(), new SegmenterOptions());
        var driver = new TopologyTestDriver(InterviewTopology.BuildTranscription(Events, recognizer, segmenter, OpusDecoder.FindMissing() is null ? new OpusDecoder() : null));
        driver.Pipe(Topics.Sessions, Session, new SessionState { SessionId = Session, Consents = new() { AudioTranscription = true } }, Serdes.Utf8, Events.For<SessionState>());
        return driver;
    }

    private static AudioChunk Opus(long sequence, byte[] packets, bool end) => new()
    {
        SessionId = Session, Sequence = sequence, Codec = AudioCodec.Opus, SampleRateHz = 16_000, Data = ByteString.CopyFrom(packets), EndOfAnswer = end,
        Question = end ? new Question { Id = "q" } : null,
    };

    private static void Pipe(TopologyTestDriver driver, AudioChunk chunk) => driver.Pipe(Topics.Audio, Session, chunk, Serdes.Utf8, Events.For<AudioChunk>());

    private static List<T> Read<T>(TopologyTestDriver driver, string topic) where T : class, IMessage<T>, new() =>
        [.. driver.Read(topic, Serdes.Utf8, Events.For<T>()).Select(r => r.Value!)];

    private sealed class ScriptedRecognizer : ISpeechRecognizer
    {
        public string Engine => "scripted";

        public RecognizedSpeech Final { get; set; } = new("final", 0.8f);

        public Queue<RecognizedSpeech> Finals { get; set; } = new();

        public RecognizedSpeech? Interim { get; set; } = new("interim", 0.4f);

        public ValueTask<RecognizedSpeech> RecognizeAsync(ReadOnlyMemory<byte> pcm16, CancellationToken cancellationToken) =>
            ValueTask.FromResult(Finals.TryDequeue(out var next) ? next : Final);

        public ValueTask<RecognizedSpeech?> TryRecognizeInterimAsync(ReadOnlyMemory<byte> pcm16, CancellationToken cancellationToken) => ValueTask.FromResult(Interim);
    }

    private sealed class PlainSerdes : IEventSerdes
    {
        public ISerde<T> For<T>() where T : class, IMessage<T>, new() => new StateSerde<T>();
    }
}
