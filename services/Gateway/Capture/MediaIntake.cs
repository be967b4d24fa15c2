using System.Text;
using Google.Protobuf;
using StreamPlatform.Gateway.Kafka;
using StreamPlatform.Gateway.Sessions;
using StreamPlatform.Schemas;
using StreamPlatform.Schemas.V1;
using StreamPlatform.Topology.Ladder;
using StreamPlatform.Topology.Speech;

namespace StreamPlatform.Gateway.Capture;

/// <summary>
/// Checks what a client sends - size, JPEG start marker, session, sequence - and writes what passes. The caller holds the session's
/// gate. A null refusal means that the message was taken; its ack follows when Kafka has confirmed it.
/// </summary>
public sealed class MediaIntake(IEventWriter writer, SessionLifecycle lifecycle, GatewayOptions options, TimeProvider time)
{
    /// <summary>Event times older than this on arrival are moved up to it, milliseconds.</summary>
    public const int MaxLateMs = 10_000;

    private const int SampleRateHz = 16_000;

    /// <summary>What comes in is a recording: nobody waits for its frames.</summary>
    public bool Recorded { get; init; }

    /// <summary>A frame. <paramref name="capturedAtMs"/> is the client's capture time plus the clock offset.</summary>
    public async Task<Refusal?> FrameAsync(CaptureSession session, long sequence, long capturedAtMs, ReadOnlyMemory<byte> jpeg)
    {
        var refusal = CheckSequence(session, session.Frames, CaptureSession.FrameStream, sequence, out var repeated);
        refusal ??= repeated ? null : CheckFrame(session, sequence, jpeg.Span);
        if (refusal is not null || repeated)
        {
            return refusal;
        }

        await lifecycle.ConfirmedAsync(session.Frames.WaitForRoomAsync());
        var now = NowMs();
        var frame = new FrameCaptured
        {
            SessionId = session.Id,
            Tenant = session.State.Tenant,
            Sequence = sequence,
            CapturedAtMs = EventTime(capturedAtMs, now),
            ReceivedAtMs = now,
            Jpeg = ByteString.CopyFrom(jpeg.Span),
            QuestionIndex = session.State.QuestionIndex,
            Recorded = Recorded,
        };
        session.Frames.Accept(sequence, writer.WriteAsync(
            SessionLifecycle.Record(session, Topics.Frames, $"{session.Id}/frame/{sequence}", frame.CapturedAtMs, frame)));
        return null;
    }

    /// <summary>An audio chunk; the last one of an answer also submits the answer, and is acked only after that is confirmed too.</summary>
    public async Task<Refusal?> AudioAsync(
        CaptureSession session, long sequence, bool endOfAnswer, long capturedAtMs, ReadOnlyMemory<byte> data, AudioCodec codec = AudioCodec.Pcm16)
    {
        var refusal = CheckSequence(session, session.Audio, CaptureSession.AudioStream, sequence, out var repeated);
        refusal ??= repeated ? null : CheckAudio(session, sequence, endOfAnswer, data.Span, codec);
        if (refusal is not null || repeated)
        {
            return refusal;
        }

        await lifecycle.ConfirmedAsync(session.Audio.WaitForRoomAsync());
        var now = NowMs();
        var chunk = new AudioChunk
        {
            SessionId = session.Id,
            Tenant = session.State.Tenant,
            Sequence = sequence,
            CapturedAtMs = EventTime(capturedAtMs, now),
            ReceivedAtMs = now,
            Codec = codec,
            SampleRateHz = SampleRateHz,
            Data = ByteString.CopyFrom(data.Span),
            QuestionIndex = session.State.QuestionIndex,
            EndOfAnswer = endOfAnswer,
            Question = endOfAnswer ? session.CurrentQuestion : null,
            Recording = Keeps(session) ? new() { CandidateId = session.State.CandidateId } : null,
        };
        var write = writer.WriteAsync(
            SessionLifecycle.Record(session, Topics.Audio, $"{session.Id}/audio/{sequence}", chunk.CapturedAtMs, chunk));
        if (endOfAnswer)
        {
            await SubmitSpokenAsync(session, sequence, write);
        }
        else
        {
            session.Audio.Accept(sequence, write);
        }

        return null;
    }

    /// <summary>A typed answer. Null also for one that was stored before: it is acked again.</summary>
    public async Task<Refusal?> TypedAnswerAsync(CaptureSession session, ClientMessage message)
    {
        if (message.QuestionIndex is not { } index || message.Text is not { } text)
        {
            return new(RefusalCodes.Malformed, "answer needs questionIndex and text.", CaptureSession.AnswerStream);
        }

        var bytes = Encoding.UTF8.GetByteCount(text);
        if (bytes > options.MaxAnswerBytes)
        {
            return new(
                RefusalCodes.AnswerTooLarge, $"The answer has {bytes} bytes of UTF-8, at most {options.MaxAnswerBytes} are taken: shorten it.",
                CaptureSession.AnswerStream, index);
        }

        if (session.State.Status == SessionStatus.Created)
        {
            return NotStarted(CaptureSession.AnswerStream, index);
        }

        if (index >= 0 && index < session.State.QuestionIndex)
        {
            return null;
        }

        if (session.IsOver)
        {
            return Over();
        }

        if (session.AwaitsQuestion)
        {
            return BeingChosen(session, CaptureSession.AnswerStream, index);
        }

        if (session.CurrentQuestion is not { } question || index != question.Index)
        {
            return new(
                RefusalCodes.WrongQuestion, $"Question {session.State.QuestionIndex} is in progress: answer that one.",
                CaptureSession.AnswerStream, index, session.State.QuestionIndex);
        }

        if (question.Kind == AnswerKind.Spoken && session.State.DegradationLevel < (int)LadderLevel.TextChat)
        {
            return new(
                RefusalCodes.WrongQuestion, $"Question {index} is answered by speaking: send audio chunks, the last with flag bit 0.",
                CaptureSession.AnswerStream, index, index);
        }

        await lifecycle.AnswerAsync(session, text, audioChunks: 0);
        return null;
    }

    public Refusal Over() => new(RefusalCodes.SessionCompleted, "The interview is over: nothing more is taken. Start a new session with POST /api/sessions.");

    // Of a file that is analysed, the file itself is what may be kept.
    private bool Keeps(CaptureSession session) => !Recorded && session.State.Consents is { Recording: true };

    private async Task SubmitSpokenAsync(CaptureSession session, long sequence, Task write)
    {
        var submitted = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        session.Audio.Accept(sequence, submitted.Task);
        try
        {
            // Kafka confirms a partition in order, another writer might not: the answer follows all of its chunks
            await lifecycle.ConfirmedAsync(Task.WhenAll(write, session.Audio.WaitAsync(1)));
            await lifecycle.AnswerAsync(session, "", sequence - session.State.AnswerAudioBase);
        }
        catch (EventWriteException error)
        {
            submitted.SetException(error);
            throw;
        }

        submitted.SetResult();
        await lifecycle.ConfirmedAsync(session.Audio.WaitDrainedAsync());
    }

    private static Refusal? CheckSequence(CaptureSession session, SequencedStream stream, string name, long sequence, out bool repeated)
    {
        var verdict = stream.Classify(sequence);
        repeated = verdict is SequenceVerdict.Delivered or SequenceVerdict.Pending;
        if (verdict == SequenceVerdict.Delivered)
        {
            session.Client?.Ack(name, sequence);
        }

        if (verdict != SequenceVerdict.Wrong || session.State.Status == SessionStatus.Created || session.IsOver)
        {
            return null;
        }

        var expected = stream.LastAccepted + 1;
        return new(
            RefusalCodes.WrongSequence, $"The {name} has sequence {sequence}, {expected} is next: go on from there.", name, sequence, expected);
    }

    private Refusal? CheckFrame(CaptureSession session, long sequence, ReadOnlySpan<byte> jpeg)
    {
        const string stream = CaptureSession.FrameStream;
        return session.State.Status == SessionStatus.Created ? NotStarted(stream, sequence)
            : session.IsOver ? Over() with { Stream = stream, Sequence = sequence }
            : jpeg.Length > options.MaxFrameBytes
                ? new(
                    RefusalCodes.FrameTooLarge, $"The frame has {jpeg.Length} bytes, at most {options.MaxFrameBytes} are taken: lower its JPEG quality or size.",
                    stream, sequence, sequence)
            : jpeg.Length < 4 || jpeg[0] != 0xFF || jpeg[1] != 0xD8 || jpeg[2] != 0xFF
                ? new(RefusalCodes.NotAJpeg, "The frame does not begin with the bytes FF D8 FF of a JPEG: encode it as image/jpeg.", stream, sequence, sequence)
            : null;
    }

    private Refusal? CheckAudio(CaptureSession session, long sequence, bool endOfAnswer, ReadOnlySpan<byte> data, AudioCodec codec)
    {
        const string stream = CaptureSession.AudioStream;
        var bytes = data.Length;
        return session.State.Status == SessionStatus.Created ? NotStarted(stream, sequence)
            : session.IsOver ? Over() with { Stream = stream, Sequence = sequence }
            : bytes > options.MaxAudioBytes
                ? new(RefusalCodes.AudioTooLarge, $"The audio chunk has {bytes} bytes, at most {options.MaxAudioBytes} are taken: send shorter chunks.", stream, sequence, sequence)
            : codec == AudioCodec.Opus && OpusFault(data) is { } fault
                ? new(RefusalCodes.Malformed, fault, stream, sequence, sequence)
            : codec == AudioCodec.Pcm16 && bytes % 2 != 0
                ? new(RefusalCodes.Malformed, $"The audio chunk has {bytes} bytes: PCM16 has two bytes per sample.", stream, sequence, sequence)
            : bytes == 0 && !endOfAnswer
                ? new(RefusalCodes.Malformed, "The audio chunk is empty: only the last one of an answer (flag bit 0) may be.", stream, sequence, sequence)
            : session.AwaitsQuestion ? BeingChosen(session, stream, sequence)
            : session.CurrentQuestion?.Kind != AnswerKind.Spoken
                ? new(RefusalCodes.WrongQuestion, $"Question {session.State.QuestionIndex} is answered by typing: send an answer message.", stream, sequence, sequence)
            : null;
    }

    private static string? OpusFault(ReadOnlySpan<byte> data)
    {
        try
        {
            OpusPackets.Read(data);
            return null;
        }
        catch (UnreadableAudioException unreadable)
        {
            return unreadable.Message;
        }
    }

    private static Refusal NotStarted(string stream, long sequence) =>
        new(RefusalCodes.SessionNotStarted, "The interview has not started: send {\"type\":\"start\"} and wait for the first question.", stream, sequence);

    private static Refusal BeingChosen(CaptureSession session, string stream, long sequence) =>
        new(RefusalCodes.WrongQuestion, $"Question {session.State.QuestionIndex} is being chosen: wait until it is asked.", stream, sequence, sequence);

    private static long EventTime(long capturedAtMs, long receivedAtMs) => Math.Clamp(capturedAtMs, receivedAtMs - MaxLateMs, receivedAtMs);

    private long NowMs() => time.GetUtcNow().ToUnixTimeMilliseconds();
}
