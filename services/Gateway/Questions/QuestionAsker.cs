using Microsoft.Extensions.Logging;
using StreamPlatform.Gateway.Kafka;
using StreamPlatform.Gateway.Sessions;

namespace StreamPlatform.Gateway.Questions;

/// <summary>Asks the questions of sessions with a plan: waits for the choice beside the session's other messages, then takes its turn at the session.</summary>
internal sealed class QuestionAsker(
    InterviewQuestions questions, SessionLifecycle lifecycle, GatewayMetrics metrics, TimeProvider time, ILogger<QuestionAsker> logger, ISpeechSynthesizer? synthesizer)
{
    /// <summary>True when questions can be read aloud.</summary>
    public bool ReadsAloud => synthesizer is not null;

    /// <summary>Starts the interview. The caller holds the session's gate: nothing is taken before the start anyway.</summary>
    public async Task StartAsync(CaptureSession session, CancellationToken cancellationToken)
    {
        if (session.State.Plan is null)
        {
            await lifecycle.StartAsync(session);
            return;
        }

        var started = time.GetTimestamp();
        var (first, outcome) = await questions.AtAsync(session.State, 0, cancellationToken);
        await lifecycle.StartAsync(session, first.Question);
        Asked(session, first, outcome, started);
    }

    /// <summary>Asks what comes after an answer, or ends the interview. Does nothing when the session has moved on or belongs to another socket by then.</summary>
    /// <param name="session">Awaits a question; its gate is not held for the wait.</param>
    /// <param name="owner">The socket that asks.</param>
    /// <param name="typed">The typed answer; null when it is not at hand.</param>
    /// <param name="cancellationToken">Ends with the socket: the next one asks again.</param>
    public async Task AskNextAsync(CaptureSession session, ICaptureClient owner, string? typed, CancellationToken cancellationToken)
    {
        try
        {
            var started = time.GetTimestamp();
            var state = session.State;
            var (next, outcome) = await questions.AfterAsync(state, typed, cancellationToken);
            await session.Gate.WaitAsync(cancellationToken);
            try
            {
                if (session.Client == owner && session.AwaitsQuestion && session.State.QuestionIndex == state.QuestionIndex)
                {
                    await AskAsync(session, next, outcome, started);
                }
            }
            finally
            {
                session.Gate.Release();
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // the socket is gone
        }
        catch (EventWriteException error)
        {
            Log.WriteFailed(logger, session.Id, error.Code, error);
            owner.Close(CloseCodes.TryAgainLater, new(error.Code, error.Message));
        }
    }

    private async Task AskAsync(CaptureSession session, NextQuestion? next, string outcome, long started)
    {
        var index = session.State.QuestionIndex;
        if (next is null && index < session.State.Questions.Count)
        {
            // a follow-up of a spoken answer has come in meanwhile
            var late = session.State.Questions[index];
            next = new(late, late.Id, "follow-up");
        }

        if (next is null)
        {
            await lifecycle.CompleteAsync(session, timedOut: false);
            Log.Completed(logger, session.Id, session.Frames.LastDelivered, session.Audio.LastDelivered);
            return;
        }

        await lifecycle.AskAsync(session, next.Question, next.Planned);
        Asked(session, next, outcome, started);
        if (session.CurrentQuestion is { } question)
        {
            session.Client?.Ask(question, session.State.Questions.Count);
        }
    }

    private void Asked(CaptureSession session, NextQuestion next, string outcome, long started)
    {
        metrics.Asked(next.Origin, outcome, time.GetElapsedTime(started).TotalMilliseconds);
        if (next.Origin == "bank" && outcome.Length > 0)
        {
            Log.BankQuestion(logger, session.State.QuestionIndex, session.Id, outcome);
        }

        questions.Prepare(session.State, session.State.QuestionIndex + 1);
    }
}
