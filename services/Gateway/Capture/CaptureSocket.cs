using System.Net.WebSockets;
using Microsoft.Extensions.Logging;
using StreamPlatform.Gateway.Kafka;
using StreamPlatform.Gateway.Questions;
using StreamPlatform.Gateway.Sessions;
using StreamPlatform.Schemas.V1;
using StreamPlatform.Gateway.Sockets;
using StreamPlatform.Observability;
using StreamPlatform.Topology.Steps;

namespace StreamPlatform.Gateway.Capture;

/// <summary>
/// One open capture socket. Messages are handled one at a time, under the session's gate; acks are queued by the session's streams
/// as Kafka confirms. The socket that said hello last owns the session. Where a question is still to be chosen, that goes on beside the messages.
/// </summary>
internal sealed class CaptureSocket(
    WebSocket socket, CaptureSession session, MediaIntake intake, SessionLifecycle lifecycle, QuestionAsker asker, GatewayOptions options,
    GatewayMetrics metrics, TimeProvider time, ILogger logger) : ICaptureClient
{
    private readonly SocketWriter writer = new(socket, options, time);
    private readonly Pace framePace = new(options.FramesPerSecond, options.FrameBurst, time);
    private readonly Pace messagePace = new(options.MessagesPerSecond, options.MessagesPerSecond * 5, time);
    private readonly CancellationTokenSource closing = new();
    private long clockOffsetMs;
    private bool saidHello;
    private string lostBecause = "socket lost";
    private ITimer? abort;
    private Task asking = Task.CompletedTask;
    private int askingFor = -1;

    /// <summary>Serves the socket until it closes.</summary>
    public async Task RunAsync(CancellationToken stopping)
    {
        using var reader = new SocketReader(socket, options.MaxMessageBytes);
        abort = time.CreateTimer(_ => socket.Abort(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        var sending = writer.RunAsync();
        using var watch = time.CreateTimer(_ => OnSilence(), null, TimeSpan.FromMilliseconds(options.HelloTimeoutMs), Timeout.InfiniteTimeSpan);
        using var onStop = stopping.Register(() => Close(CloseCodes.GoingAway, new(RefusalCodes.Stopping, "The gateway is stopping: reconnect.")));
        try
        {
            await ReceiveLoopAsync(reader, watch);
        }
        catch (OperationCanceledException) when (closing.IsCancellationRequested)
        {
            // closed from this side while a fast client was being slowed
        }
        finally
        {
            await DetachAsync();
            await closing.CancelAsync();
            await asking;
            writer.Close(CloseCodes.Normal, "");
            await sending;
            AbortSoon();
            await reader.DrainAsync();
            await abort.DisposeAsync();
            closing.Dispose();
        }
    }

    public void Ack(string stream, long sequence)
    {
        metrics.Acked(stream);
        writer.TrySend(ServerMessages.Ack(stream, sequence));
    }

    public void Ask(Schemas.V1.Question question, int count) => writer.TrySend(ServerMessages.Question(question, count));

    public void Announce(int level, string media, string reason) => writer.TrySend(ServerMessages.Level(level, media, reason));

    public void Completed() => writer.TrySend(ServerMessages.Completed());

    public void Close(int closeCode, Refusal refusal)
    {
        lostBecause = refusal.Code;
        writer.TrySend(ServerMessages.Error(refusal));
        writer.Close(closeCode, refusal.Message);
        AbortSoon();
        try
        {
            closing.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // the connection has just ended by itself
        }
    }

    /// <summary>Ends the socket if the peer does not answer our close in time.</summary>
    private void AbortSoon() => abort?.Change(TimeSpan.FromMilliseconds(options.SendTimeoutMs), Timeout.InfiniteTimeSpan);

    private void OnSilence() => Close(CloseCodes.Timeout, saidHello
        ? new(RefusalCodes.Idle, $"Nothing came for {options.IdleTimeoutMs} ms: send {{\"type\":\"ping\"}} in between, then reconnect.")
        : new(RefusalCodes.HelloTimeout, $"No hello came within {options.HelloTimeoutMs} ms: it is the first message of a capture socket."));

    private async Task ReceiveLoopAsync(SocketReader reader, ITimer watch)
    {
        while (!closing.IsCancellationRequested)
        {
            var (kind, data) = await reader.ReceiveAsync();
            if (kind == SocketInput.Closed || closing.IsCancellationRequested)
            {
                return;
            }

            if (kind == SocketInput.TooBig)
            {
                Refuse(new(RefusalCodes.MessageTooLarge, $"A message has at most {options.MaxMessageBytes} bytes: send smaller frames."));
                Close(CloseCodes.MessageTooBig, new(RefusalCodes.MessageTooLarge, $"A message has at most {options.MaxMessageBytes} bytes."));
                return;
            }

            watch.Change(TimeSpan.FromMilliseconds(options.IdleTimeoutMs), Timeout.InfiniteTimeSpan);
            await messagePace.TakeAsync(closing.Token);
            if (kind == SocketInput.Binary && data.Length > 0 && data.Span[0] == (byte)MediaKind.Frame)
            {
                await framePace.TakeAsync(closing.Token);
            }

            await HandleInTurnAsync(kind, data);
        }
    }

    private async Task HandleInTurnAsync(SocketInput kind, ReadOnlyMemory<byte> data)
    {
        await session.Gate.WaitAsync(closing.Token);
        try
        {
            if (saidHello && session.Client != this)
            {
                return;
            }

            session.LastHeardMs = time.GetUtcNow().ToUnixTimeMilliseconds();
            var refusal = kind == SocketInput.Text ? await HandleTextAsync(data) : await HandleMediaAsync(data);
            if (refusal is not null)
            {
                Refuse(refusal);
            }
        }
        catch (EventWriteException error)
        {
            Log.WriteFailed(logger, session.Id, error.Code, error);
            Close(CloseCodes.TryAgainLater, new(error.Code, error.Message));
        }
        finally
        {
            session.Gate.Release();
        }
    }

    private async Task<Refusal?> HandleTextAsync(ReadOnlyMemory<byte> utf8)
    {
        var (message, refusal) = ClientMessage.Read(utf8.Span);
        if (message is null)
        {
            return refusal;
        }

        if (!saidHello && message.Type != "hello")
        {
            return HelloFirst();
        }

        switch (message.Type)
        {
            case "hello":
                return await HelloAsync(message);
            case "start":
                return await StartAsync();
            case "answer":
                refusal = await intake.TypedAnswerAsync(session, message);
                return refusal ?? await AfterAnswerAsync(message.QuestionIndex!.Value, message.Text);
            case "consent":
                return await ConsentAsync(message);
            case "ping":
                writer.TrySend(ServerMessages.Pong(time.GetUtcNow().ToUnixTimeMilliseconds()));
                return null;
            default:
                return new(RefusalCodes.Malformed, $"\"{Printable(message.Type!)}\" is not a type of message: use hello, start, answer, consent or ping.");
        }
    }

    private async Task<Refusal?> HandleMediaAsync(ReadOnlyMemory<byte> data)
    {
        if (!saidHello)
        {
            return HelloFirst();
        }

        var refusal = MediaMessage.TryRead(data.Span, out var message);
        if (refusal is not null)
        {
            return refusal;
        }

        if (message.Kind == MediaKind.Frame)
        {
            return await intake.FrameAsync(session, message.Sequence, message.CapturedAtMs + clockOffsetMs, data[MediaMessage.HeaderBytes..]);
        }

        var answered = session.CurrentQuestion?.Index ?? -1;
        refusal = await intake.AudioAsync(
            session, message.Sequence, message.EndOfAnswer, message.CapturedAtMs + clockOffsetMs, data[MediaMessage.HeaderBytes..],
            message.Opus ? AudioCodec.Opus : AudioCodec.Pcm16);
        return refusal is null && session.State.QuestionIndex > answered && answered >= 0 ? await AfterAnswerAsync(answered, null) : refusal;
    }

    private async Task<Refusal?> HelloAsync(ClientMessage hello)
    {
        if (hello.ClientTimeMs is not { } clientTimeMs)
        {
            return new(RefusalCodes.Malformed, "hello needs clientTimeMs, the client's Unix time in milliseconds.");
        }

        if (!session.SequencesKnown && RestartBounds.Check(session, hello, options, time.GetUtcNow().ToUnixTimeMilliseconds()) is { } beyond)
        {
            return beyond;
        }

        clockOffsetMs = time.GetUtcNow().ToUnixTimeMilliseconds() - clientTimeMs;
        session.Trace = TraceContext.Parse(hello.Traceparent) ?? TraceContext.New();
        if (session.Client is { } older && older != this)
        {
            older.Close(CloseCodes.Replaced, new(RefusalCodes.Replaced, "The session was opened by a newer socket: go on there."));
        }

        var fresh = !saidHello;
        session.Client = this;
        saidHello = true;
        if (!session.SequencesKnown)
        {
            // after a restart of the gateway: what the client has no ack for comes again, everything before is safe
            session.Frames.Restore(Math.Max(session.Frames.LastDelivered, (hello.NextFrameSequence ?? 1) - 1));
            session.Audio.Restore(Math.Max(session.Audio.LastDelivered, (hello.NextAudioSequence ?? 1) - 1));
            session.SequencesKnown = true;
            if (session.State.Status == Schemas.V1.SessionStatus.Active)
            {
                await lifecycle.InterruptAsync(session, "gateway restarted");
            }
        }

        if (session.State.Status == Schemas.V1.SessionStatus.Interrupted)
        {
            await lifecycle.ResumeAsync(session);
        }

        if (fresh)
        {
            Log.Connected(logger, session.Id);
        }

        writer.TrySend(new
        {
            type = "hello",
            serverTimeMs = time.GetUtcNow().ToUnixTimeMilliseconds(),
            sessionId = session.Id,
            status = ServerMessages.Status(session.State.Status),
            lastFrameSequence = session.Frames.LastAccepted,
            lastAudioSequence = session.Audio.LastAccepted,
            sendFrames = SendFrames,
            frameOutputs = FrameOutputs,
            sendAudio = SendAudio,
            consents = Consents,
            questionCount = session.State.Questions.Count,
            question = ServerMessages.View(session.CurrentQuestion),
            readAloud = asker.ReadsAloud,
            limits = new { frameBytes = options.MaxFrameBytes, audioBytes = options.MaxAudioBytes, answerBytes = options.MaxAnswerBytes },
        });
        if (session.AwaitsQuestion)
        {
            // the socket before this one took the answer along
            ChooseNext(null);
        }
        else if (session.IsRunning && session.CurrentQuestion is null)
        {
            // the last answer was stored, the end was not
            await lifecycle.CompleteAsync(session, timedOut: false);
        }

        return null;
    }

    private async Task<Refusal?> StartAsync()
    {
        if (session.IsOver)
        {
            return intake.Over();
        }

        if (session.State.Status == Schemas.V1.SessionStatus.Created)
        {
            await asker.StartAsync(session, closing.Token);
            Log.Started(logger, session.Id);
        }

        if (session.CurrentQuestion is { } question)
        {
            Ask(question, session.State.Questions.Count);
        }

        return null;
    }

    /// <summary>The candidate changed their mind: processors go by it from the next frame on.</summary>
    private async Task<Refusal?> ConsentAsync(ClientMessage message)
    {
        if (message.Consents is not { } consents)
        {
            return new(RefusalCodes.Malformed, "consent needs consents: videoEmotion, facePresence, blink, audioTranscription, recording, each true or false.");
        }

        if (session.IsOver)
        {
            return intake.Over();
        }

        await lifecycle.ChangeConsentsAsync(session, new()
        {
            VideoEmotion = consents.VideoEmotion, FacePresence = consents.FacePresence, Blink = consents.Blink, AudioTranscription = consents.AudioTranscription, Recording = consents.Recording,
        });
        writer.TrySend(new { type = "consent", sendFrames = SendFrames, frameOutputs = FrameOutputs, sendAudio = SendAudio, consents = Consents });
        return null;
    }

    private bool SendFrames => EmotionPolicy.AllowsFrames(session.State);

    private IEnumerable<string> FrameOutputs => EmotionPolicy.Switches.Where(s => EmotionPolicy.Allowed(session.State).HasFlag(s.Output)).Select(s => s.Name);

    /// <summary>As the candidate gave them: what a jurisdiction forbids is not in FrameOutputs all the same.</summary>
    private object Consents => ServerMessages.Consents(session.State.Consents);

    private bool SendAudio => session.State.Consents is { AudioTranscription: true } or { Recording: true };

    /// <summary>The answer is stored: says so, then asks the next question or ends the interview.</summary>
    /// <param name="questionIndex">The question answered.</param>
    /// <param name="typed">The typed answer; null for a spoken one, whose words follow later.</param>
    private async Task<Refusal?> AfterAnswerAsync(int questionIndex, string? typed)
    {
        Ack(CaptureSession.AnswerStream, questionIndex);
        if (questionIndex < session.State.QuestionIndex - 1)
        {
            return null;
        }

        if (session.AwaitsQuestion)
        {
            ChooseNext(typed);
        }
        else if (session.CurrentQuestion is { } next)
        {
            Ask(next, session.State.Questions.Count);
        }
        else if (!session.IsOver)
        {
            await lifecycle.CompleteAsync(session, timedOut: false);
            Log.Completed(logger, session.Id, session.Frames.LastDelivered, session.Audio.LastDelivered);
        }
        else
        {
            Completed();
        }

        return null;
    }

    private void ChooseNext(string? typed)
    {
        // once per place: a repeated answer costs no further call to a model
        if (askingFor < session.State.QuestionIndex)
        {
            askingFor = session.State.QuestionIndex;
            asking = Task.WhenAll(asking, asker.AskNextAsync(session, this, typed, closing.Token));
        }
    }

    private async Task DetachAsync()
    {
        await session.Gate.WaitAsync(CancellationToken.None);
        try
        {
            if (session.Client != this)
            {
                return;
            }

            session.Client = null;
            if (session.State.Status == Schemas.V1.SessionStatus.Active)
            {
                await lifecycle.InterruptAsync(session, lostBecause);
                Log.Interrupted(logger, session.Id, lostBecause);
            }
        }
        catch (EventWriteException error)
        {
            // the session stays active in memory; the silence check ends it if the client never returns
            Log.WriteFailed(logger, session.Id, error.Code, error);
        }
        finally
        {
            session.Gate.Release();
        }
    }

    private void Refuse(Refusal refusal)
    {
        metrics.Refused(refusal.Code);
        writer.TrySend(ServerMessages.Error(refusal));
    }

    private static Refusal HelloFirst() =>
        new(RefusalCodes.HelloExpected, "The first message of a capture socket is {\"type\":\"hello\",\"clientTimeMs\":...}.");

    private static string Printable(string text) => text.Length > 40 ? text[..40] : text;
}
