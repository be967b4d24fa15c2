using Microsoft.Extensions.Hosting;
using StreamPlatform.Caching;
using StreamPlatform.Gateway.Kafka;
using StreamPlatform.Schemas;
using StreamPlatform.Schemas.V1;

namespace StreamPlatform.Gateway.Results;

/// <summary>
/// Drops what this instance keeps of sessions whose rows have changed, as the topic tells, read from its end. When the end is found, all that was kept before goes once: its news may
/// have come earlier. From then on nothing is missed; a consumer that was cut goes on where it was.
/// </summary>
public sealed class ChangedSessions(IEventTail tail, CachedResults results) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await tail.RunAsync([Topics.CacheInvalidations], TailStart.End, record => Observe(record, stoppingToken), results.ForgetHere, stoppingToken);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // the host is stopping
        }
    }

    private void Observe(TailRecord record, CancellationToken stoppingToken)
    {
        if (record.Value is CacheInvalidated { Cache: CachedSession.Invalidation } changed)
        {
            _ = results.InvalidateAsync(changed.Key, stoppingToken); // drops its own at once; the shared cache never throws
        }
    }
}
