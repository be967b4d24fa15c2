using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using StreamPlatform.Gateway.Kafka;
using StreamPlatform.Schemas;
using StreamPlatform.Schemas.V1;

namespace StreamPlatform.Gateway.Sessions;

/// <summary>Fills the directory from the sessions topic at start, then keeps up with it.</summary>
internal sealed class SessionFollower(IEventTail tail, SessionDirectory directory, ILogger<SessionFollower> logger) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await tail.RunAsync([Topics.Sessions], TailStart.Beginning, Observe, CaughtUp, stoppingToken);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // the host is stopping
        }
    }

    private void Observe(TailRecord record)
    {
        if (record.Value is SessionState state)
        {
            directory.Observe(state);
        }
        else if (record.Value is null)
        {
            directory.Remove(record.Key);
        }
    }

    private void CaughtUp()
    {
        directory.MarkLoaded();
        Log.SessionsLoaded(logger, directory.Count);
    }
}
