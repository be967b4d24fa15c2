using System.Threading.Channels;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using StreamPlatform.Gateway.Kafka;
using StreamPlatform.Gateway.Sessions;
using StreamPlatform.Schemas.V1;

namespace StreamPlatform.Gateway.Questions;

/// <summary>
/// Follow-ups of spoken answers: their words come when the next question is asked already, so the follow-up comes after that one; there is none when the
/// interview has ended by then.
/// </summary>
internal sealed class SpokenFollowUps(
    SessionDirectory directory, SessionLifecycle lifecycle, InterviewQuestions questions, GatewayOptions options, TimeProvider time, ILogger<SpokenFollowUps> logger)
    : BackgroundService
{
    private const int MaxWaiting = 1_000;
    private const int Workers = 8;

    private readonly Channel<TranscriptCompleted> waiting =
        Channel.CreateBounded<TranscriptCompleted>(new BoundedChannelOptions(MaxWaiting) { FullMode = BoundedChannelFullMode.DropOldest });

    /// <summary>Takes a transcript; never waits.</summary>
    public void Offer(TranscriptCompleted transcript)
    {
        if (transcript.Question is { } question && transcript.Confidence >= options.FollowUpConfidence
            && directory.Find(transcript.SessionId) is { Client: not null } session && questions.AllowsFollowUp(session.State, question))
        {
            waiting.Writer.TryWrite(transcript);
        }
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Task.WhenAll(Enumerable.Range(0, Workers).Select(_ => WorkAsync(stoppingToken)));

    private async Task WorkAsync(CancellationToken stoppingToken)
    {
        try
        {
            await foreach (var transcript in waiting.Reader.ReadAllAsync(stoppingToken))
            {
                if (directory.Find(transcript.SessionId) is { Client: not null } session)
                {
                    await FollowAsync(session, transcript, stoppingToken);
                }
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // the host is stopping
        }
    }

    private async Task FollowAsync(CaptureSession session, TranscriptCompleted transcript, CancellationToken stoppingToken)
    {
        using var late = new CancellationTokenSource(TimeSpan.FromMilliseconds(options.SpokenFollowUpMs), time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(late.Token, stoppingToken);
        var followUp = await questions.FollowUpAsync(session.State, transcript.Question, transcript.Text, either.Token, stoppingToken);
        if (followUp is null)
        {
            return;
        }

        await session.Gate.WaitAsync(stoppingToken);
        try
        {
            if (!session.IsRunning || (session.CurrentQuestion is null && !session.AwaitsQuestion))
            {
                Log.FollowUpTooLate(logger, session.Id);
            }
            else if (questions.AllowsFollowUp(session.State, transcript.Question) && session.State.Questions.All(q => q.Id != followUp.Question.Id))
            {
                await lifecycle.InsertNextAsync(session, followUp.Question);
            }
        }
        catch (EventWriteException error)
        {
            Log.WriteFailed(logger, session.Id, error.Code, error);
        }
        finally
        {
            session.Gate.Release();
        }
    }
}
