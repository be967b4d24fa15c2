using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using StreamPlatform.Gateway.Kafka;
using StreamPlatform.Schemas.V1;

namespace StreamPlatform.Gateway.Sessions;

/// <summary>Completes running sessions that have been silent too long, and expires those that were never started.</summary>
internal sealed class SilenceCheck(
    SessionDirectory directory, SessionLifecycle lifecycle, GatewayOptions options, TimeProvider time, ILogger<SilenceCheck> logger)
    : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await directory.Loaded.WaitAsync(stoppingToken);
            using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(options.SilenceCheckMs), time);
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                foreach (var session in directory.All.Where(IsSilent))
                {
                    await EndAsync(session, stoppingToken);
                }
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // the host is stopping
        }
    }

    private bool IsSilent(CaptureSession session)
    {
        var limitMs = session.State.Status == SessionStatus.Created ? options.TokenLifetimeMs : options.SilentSessionTimeoutMs;
        return !session.IsOver && time.GetUtcNow().ToUnixTimeMilliseconds() - session.LastHeardMs > limitMs;
    }

    private async Task EndAsync(CaptureSession session, CancellationToken stoppingToken)
    {
        await session.Gate.WaitAsync(stoppingToken);
        try
        {
            if (!IsSilent(session))
            {
                return;
            }

            if (session.State.Status == SessionStatus.Created)
            {
                await lifecycle.ExpireAsync(session);
                return;
            }

            await lifecycle.CompleteAsync(session, timedOut: true);
            Log.TimedOut(logger, session.Id);
        }
        catch (EventWriteException error)
        {
            // stays in the directory: the next round tries again
            Log.WriteFailed(logger, session.Id, error.Code, error);
        }
        finally
        {
            session.Gate.Release();
        }
    }
}
