using StreamPlatform.Observability;
using StreamPlatform.Schemas.V1;

namespace StreamPlatform.Gateway.Sessions;

/// <summary>The other end of a session's open socket, as the session sees it. Nothing here may block.</summary>
public interface ICaptureClient
{
    /// <summary>Tells the client that message <paramref name="sequence"/> of <paramref name="stream"/> is safe.</summary>
    void Ack(string stream, long sequence);

    /// <summary>Asks the client a question of <paramref name="count"/>, as many as the interview has so far.</summary>
    void Ask(Schemas.V1.Question question, int count);

    /// <summary>Tells the client what works (0 everything ... 4 come another time), what it should send, and why.</summary>
    void Announce(int level, string media, string reason);

    /// <summary>Tells the client that the session is over.</summary>
    void Completed();

    /// <summary>Sends the refusal and closes the socket with <paramref name="closeCode"/>.</summary>
    void Close(int closeCode, Refusal refusal);
}

/// <summary>A session in memory. All but the two streams is touched only by the holder of <see cref="Gate"/>.</summary>
public sealed class CaptureSession
{
    public const string FrameStream = "frame";
    public const string AudioStream = "audio";
    public const string AnswerStream = "answer";

    private volatile ICaptureClient? client;
    private long lastHeardMs;

    public CaptureSession(SessionState state, GatewayOptions options, bool sequencesKnown)
    {
        State = state;
        SequencesKnown = sequencesKnown;
        Frames = new(options.MaxPendingFrames);
        Audio = new(options.MaxPendingAudio);
        Frames.Restore(state.LastFrameSequence);
        // the base of the question in progress includes the last chunk of the answer before, which the state confirms
        Audio.Restore(Math.Max(state.LastAudioSequence, state.AnswerAudioBase));
        Wire(Frames, FrameStream);
        Wire(Audio, AudioStream);
        lastHeardMs = state.UpdatedAtMs;
        Trace = TraceContext.New();
    }

    /// <summary>One holder at a time: the socket's message in work, the silence check, or the follower of the sessions topic.</summary>
    public SemaphoreSlim Gate { get; } = new(1, 1);

    /// <summary>The state as last written; never changed in place.</summary>
    public SessionState State { get; set; }

    public string Id => State.SessionId;

    public SequencedStream Frames { get; }

    public SequencedStream Audio { get; }

    /// <summary>False after a restart until the client's hello says where its unacknowledged data starts.</summary>
    public bool SequencesKnown { get; set; }

    public TraceContext Trace { get; set; }

    /// <summary>The open socket, if any.</summary>
    public ICaptureClient? Client
    {
        get => client;
        set => client = value;
    }

    /// <summary>When the client last said anything, Unix milliseconds.</summary>
    public long LastHeardMs
    {
        get => Volatile.Read(ref lastHeardMs);
        set => Volatile.Write(ref lastHeardMs, value);
    }

    public bool IsOver => State.Status is SessionStatus.Completed or SessionStatus.Expired;

    public bool IsRunning => State.Status is SessionStatus.Active or SessionStatus.Interrupted;

    /// <summary>True while the last question is answered and the next one, if any, is still being chosen.</summary>
    public bool AwaitsQuestion => IsRunning && State.Plan is not null && State.QuestionAskedAtMs == 0;

    /// <summary>The question in progress; null before the start, while the next one is being chosen, and after the end.</summary>
    public Question? CurrentQuestion =>
        IsRunning && !AwaitsQuestion && State.QuestionIndex < State.Questions.Count ? State.Questions[State.QuestionIndex] : null;

    private void Wire(SequencedStream stream, string name)
    {
        stream.Delivered = sequence => client?.Ack(name, sequence);
        stream.Failed = failure => client?.Close(CloseCodes.TryAgainLater, new(
            (failure as Kafka.EventWriteException)?.Code ?? RefusalCodes.KafkaUnavailable,
            "The record could not be stored: check that Kafka is reachable, reconnect and resend what was not acknowledged.", name));
    }
}
