using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using StreamPlatform.Observability;
using StreamPlatform.Streams;
using StreamPlatform.Topology.Ladder;

namespace StreamPlatform.Gateway.Ladder;

/// <summary>
/// Asks the store now and then whether it is there: while it is not, no new interview begins, so nobody would try to store something and see that it is back.
/// Healthy all the same: what running interviews send waits on Kafka.
/// </summary>
internal sealed class StorageProbe(IStoreProbe store, SignalBoard board, TimeProvider time, ILogger<StorageProbe> logger) : BackgroundService, IHealthSource
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(2);

    /// <summary>As the ladder hears of it.</summary>
    private const string Source = "probe";

    private volatile string detail = "not asked yet";

    public string Name => "storage";

    public HealthReport Check() => new(true, detail);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            using var timer = new PeriodicTimer(Every, time);
            do
            {
                await AskAsync(stoppingToken);
            }
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // the host is stopping
        }
    }

    private async Task AskAsync(CancellationToken cancellationToken)
    {
        const string answers = "the store answers";
        try
        {
            await store.ProbeAsync(cancellationToken);
            board.Report(LadderComponent.Storage, true, Source);
            if (detail != answers)
            {
                Log.StoreAnswers(logger);
                detail = answers;
            }
        }
        catch (TransientException error)
        {
            board.Report(LadderComponent.Storage, false, Source);
            if (!detail.StartsWith("since ", StringComparison.Ordinal))
            {
                Log.StoreDoesNotAnswer(logger, error.Message);
                detail = $"since {time.GetUtcNow():yyyy-MM-dd'T'HH:mm:ss'Z'} the store does not answer; new interviews are put off, what running ones send waits on Kafka";
            }
        }
    }
}
