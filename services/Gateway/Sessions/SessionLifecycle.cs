using StreamPlatform.Gateway.Kafka;
using StreamPlatform.Schemas;
using StreamPlatform.Schemas.V1;
using StreamPlatform.Topology.Steps;

namespace StreamPlatform.Gateway.Sessions;

/// <summary>
/// The changes of a session and the records that tell of them. The caller holds the session's gate; every method returns once Kafka has
/// confirmed its records, and changes the session in memory only then. Faults with <see cref="EventWriteException"/>.
/// </summary>
public sealed class SessionLifecycle(IEventWriter writer, GatewayOptions options, TimeProvider time)
{
    /// <summary>Writes the first state of a new session.</summary>
    public async Task<CaptureSession> CreateAsync(SessionState state)
    {
        var session = new CaptureSession(state, options, sequencesKnown: true);
        await ConfirmedAsync(writer.WriteAsync(StateRecord(session, state)));
        return session;
    }

    /// <summary>
    /// Starts the interview. The state comes last here and below: a crash in between leaves the old state, the client asks again, and the
    /// events come again under the same ids.
    /// </summary>
    /// <param name="session">Never started before.</param>
    /// <param name="first">Takes the place of the first planned question; null = that one.</param>
    public async Task StartAsync(CaptureSession session, Question? first = null)
    {
        var now = NowMs();
        var started = Event(session, "started", now);
        started.Started = new()
        {
            CandidateId = session.State.CandidateId,
            Position = session.State.Position,
            QuestionCount = session.State.Questions.Count,
            EmotionAllowed = EmotionPolicy.AllowsEmotion(session.State),
            FramesAllowed = EmotionPolicy.AllowsFrames(session.State),
        };
        var question = At(first ?? session.State.Questions[0], 0);
        await WriteAsync(session, started);
        await WriteQuestionAskedAsync(session, question, now);
        await PutStateAsync(session, state =>
        {
            state.Status = SessionStatus.Active;
            state.Questions[0] = question;
            state.QuestionAskedAtMs = now;
        });
    }

    /// <summary>Writes the answer to the question in progress and moves on; the next one is asked with it, or by <see cref="AskAsync"/> where the session has a plan.</summary>
    /// <param name="text">The typed answer; empty for a spoken one.</param>
    /// <param name="audioChunks">Chunks of the spoken answer; 0 for a typed one.</param>
    public async Task AnswerAsync(CaptureSession session, string text, long audioChunks)
    {
        var question = session.CurrentQuestion ?? throw new InvalidOperationException("No question is in progress.");
        var now = NowMs();
        var answer = new AnswerSubmitted
        {
            AnswerId = AnswerId(session, question.Index),
            SessionId = session.Id,
            Tenant = session.State.Tenant,
            Question = question,
            Kind = text.Length > 0 ? AnswerKind.Typed : question.Kind, // in text chat spoken questions are typed
            Text = text,
            SubmittedAtMs = now,
            StartedAtMs = session.State.QuestionAskedAtMs,
            AudioChunks = audioChunks,
        };
        await ConfirmedAsync(writer.WriteAsync(Record(session, Topics.Answers, answer.AnswerId, now, answer)));
        var chosenLater = session.State.Plan is not null;
        if (!chosenLater && question.Index + 1 < session.State.Questions.Count)
        {
            await WriteQuestionAskedAsync(session, session.State.Questions[question.Index + 1], now);
        }

        await PutStateAsync(session, state =>
        {
            state.QuestionIndex = question.Index + 1;
            state.QuestionAskedAtMs = chosenLater ? 0 : now;
            state.AnswerAudioBase = session.Audio.LastAccepted;
        });
    }

    /// <summary>Asks the next question of a session that awaits one.</summary>
    /// <param name="session">Awaits a question.</param>
    /// <param name="question">Comes in between when <paramref name="planned"/> is null, else takes that one's place.</param>
    /// <param name="planned">Id of the planned question. When another stands there by now, that one is asked.</param>
    public async Task AskAsync(CaptureSession session, Question question, string? planned)
    {
        var now = NowMs();
        var index = session.State.QuestionIndex;
        var asked = At(planned is null || session.State.Questions[index].Id == planned ? question : session.State.Questions[index], index);
        await WriteQuestionAskedAsync(session, asked, now);
        await PutStateAsync(session, state =>
        {
            if (planned is null)
            {
                Insert(state, index, asked);
            }
            else
            {
                state.Questions[index] = asked;
            }

            state.QuestionAskedAtMs = now;
        });
    }

    /// <summary>Puts a question in between: it is asked next.</summary>
    public Task InsertNextAsync(CaptureSession session, Question question) => PutStateAsync(
        session, state => Insert(state, session.AwaitsQuestion ? state.QuestionIndex : state.QuestionIndex + 1, question));

    /// <summary>The candidate changed what they agree to; the change is audited.</summary>
    /// <param name="given">All of them as they are from now on; its time is set here.</param>
    public async Task ChangeConsentsAsync(CaptureSession session, Consents given)
    {
        var now = NowMs();
        var changed = Event(session, $"consent/{now}", now);
        changed.ConsentChanged = new()
        {
            VideoEmotion = given.VideoEmotion, FacePresence = given.FacePresence, Blink = given.Blink, AudioTranscription = given.AudioTranscription, Recording = given.Recording,
        };
        await WriteAsync(session, changed);
        var audit = new AuditEvent
        {
            AuditId = changed.EventId, Tenant = session.State.Tenant, SessionId = session.Id, Actor = "candidate", Action = "consent.changed", AtMs = now,
            Reason = $"emotion {Word(given.VideoEmotion)}, face presence {Word(given.FacePresence)}, blinks {Word(given.Blink)}, transcription {Word(given.AudioTranscription)}, recording {Word(given.Recording)}",
        };
        await ConfirmedAsync(writer.WriteAsync(Record(session, Topics.Audit, audit.AuditId, now, audit)));
        given.GivenAtMs = given is { VideoEmotion: true } or { FacePresence: true } or { Blink: true } or { AudioTranscription: true } or { Recording: true } ? now : 0;
        await PutStateAsync(session, state => state.Consents = given);
    }

    /// <summary>Ends the session once everything accepted before is confirmed; the event carries the counts that the report waits for.</summary>
    public async Task CompleteAsync(CaptureSession session, bool timedOut)
    {
        await ConfirmedAsync(Task.WhenAll(session.Frames.WaitDrainedAsync(), session.Audio.WaitDrainedAsync()));
        var completed = Event(session, "completed", NowMs());
        completed.Completed = new()
        {
            // numbers run from 1 without gaps: the last confirmed one is the count
            FramesAcked = session.Frames.LastDelivered,
            AudioChunksAcked = session.Audio.LastDelivered,
            AnswersSubmitted = session.State.QuestionIndex,
            TimedOut = timedOut,
        };
        await WriteAsync(session, completed);
        await PutStateAsync(session, state => state.Status = SessionStatus.Completed);
        session.Client?.Completed();
    }

    /// <summary>A session that was never started is over.</summary>
    public Task ExpireAsync(CaptureSession session) => PutStateAsync(session, state => state.Status = SessionStatus.Expired);

    /// <summary>The socket of a running session was lost.</summary>
    public async Task InterruptAsync(CaptureSession session, string reason)
    {
        var now = NowMs();
        var interrupted = Event(session, $"interrupted/{now}", now);
        interrupted.Interrupted = new()
        {
            Reason = reason,
            LastFrameSequence = session.Frames.LastDelivered,
            LastAudioSequence = session.Audio.LastDelivered,
        };
        await WriteAsync(session, interrupted);
        await PutStateAsync(session, state => state.Status = SessionStatus.Interrupted);
    }

    /// <summary>The client of an interrupted session is back.</summary>
    public async Task ResumeAsync(CaptureSession session)
    {
        var now = NowMs();
        var gapMs = Math.Max(0, now - session.State.UpdatedAtMs);
        await PutStateAsync(session, state => state.Status = SessionStatus.Active);
        var resumed = Event(session, $"resumed/{now}", now);
        resumed.Resumed = new() { GapMs = gapMs };
        await WriteAsync(session, resumed);
    }

    /// <summary>Brings a running session to a level of the ladder, and accounts for it.</summary>
    /// <param name="media">"full", "reduced" or "audio-only".</param>
    public async Task ChangeLevelAsync(CaptureSession session, int level, string reason, string media)
    {
        var now = NowMs();
        var from = session.State.DegradationLevel;
        var changed = Event(session, $"level/{from}-{level}/{now}", now);
        changed.LevelChanged = new() { FromLevel = from, ToLevel = level, Reason = reason, Media = media };
        await WriteAsync(session, changed);
        var audit = new AuditEvent
        {
            AuditId = changed.EventId, Tenant = session.State.Tenant, SessionId = session.Id, Actor = "gateway", Action = $"level.{from}-{level}", Reason = reason,
            AtMs = now,
        };
        await ConfirmedAsync(writer.WriteAsync(Record(session, Topics.Audit, audit.AuditId, now, audit)));
        await PutStateAsync(session, state => state.DegradationLevel = level);
    }

    /// <summary>A record of the session, in a child span of its trace.</summary>
    public static EventRecord Record(CaptureSession session, string topic, string id, long timestampMs, Google.Protobuf.IMessage value) =>
        new(topic, session.Id, session.State.Tenant, id, timestampMs, session.Trace.Child().Format(), value);

    public static string AnswerId(CaptureSession session, int questionIndex) => $"{session.Id}/{questionIndex}";

    /// <summary>Waits for a confirmation no longer than the delivery timeout.</summary>
    public async Task ConfirmedAsync(Task delivery)
    {
        try
        {
            await delivery.WaitAsync(TimeSpan.FromMilliseconds(options.DeliveryTimeoutMs), time);
        }
        catch (TimeoutException timeout)
        {
            throw new EventWriteException(
                RefusalCodes.KafkaUnavailable,
                $"Kafka did not confirm a record within {options.DeliveryTimeoutMs} ms: check that the brokers at the configured address are up.",
                timeout);
        }
    }

    private static string Word(bool given) => given ? "given" : "not given";

    private Task WriteQuestionAskedAsync(CaptureSession session, Question question, long now)
    {
        var asked = Event(session, $"question/{question.Index}", now);
        asked.QuestionAsked = new() { Question = question };
        return WriteAsync(session, asked);
    }

    private static Question At(Question question, int index)
    {
        var copy = question.Clone();
        copy.Index = index;
        return copy;
    }

    // those behind it have not been asked: their index may change
    private static void Insert(SessionState state, int index, Question question)
    {
        state.Questions.Insert(index, question);
        for (var i = index; i < state.Questions.Count; i++)
        {
            state.Questions[i] = At(state.Questions[i], i);
        }
    }

    private async Task PutStateAsync(CaptureSession session, Action<SessionState> change)
    {
        var next = session.State.Clone();
        change(next);
        next.LastFrameSequence = session.Frames.LastDelivered;
        next.LastAudioSequence = session.Audio.LastDelivered;
        // strictly later than the one before, so that readers can tell which is newer
        next.UpdatedAtMs = Math.Max(NowMs(), session.State.UpdatedAtMs + 1);
        await ConfirmedAsync(writer.WriteAsync(StateRecord(session, next)));
        session.State = next;
    }

    private static EventRecord StateRecord(CaptureSession session, SessionState state) =>
        Record(session, Topics.Sessions, $"{state.SessionId}/state/{state.UpdatedAtMs}", state.UpdatedAtMs, state);

    private SessionEvent Event(CaptureSession session, string occurrence, long atMs) => new()
    {
        EventId = $"{session.Id}/{occurrence}",
        SessionId = session.Id,
        Tenant = session.State.Tenant,
        AtMs = atMs,
    };

    private Task WriteAsync(CaptureSession session, SessionEvent value) =>
        ConfirmedAsync(writer.WriteAsync(Record(session, Topics.Events, value.EventId, value.AtMs, value)));

    private long NowMs() => time.GetUtcNow().ToUnixTimeMilliseconds();
}
