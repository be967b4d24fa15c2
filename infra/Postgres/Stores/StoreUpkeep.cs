using Microsoft.Extensions.Logging;
using Npgsql;

namespace StreamPlatform.Postgres.Stores;

/// <summary>Deletes what has outlived its use, at the start and then daily, some rows at a time: spending untouched for 13 months, counts of quotas of the day before.</summary>
public sealed class StoreUpkeep : IAsyncDisposable
{
    private const int BatchRows = 1_000;
    private const int MaxBatches = 1_000;
    private static readonly TimeSpan Every = TimeSpan.FromDays(1);

    private readonly CancellationTokenSource stopping = new();
    private readonly TaskCompletionSource first = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly PostgresSpendLedger spending;
    private readonly PostgresResumeQuota quotas;
    private readonly TimeProvider time;
    private readonly ILogger<StoreUpkeep> logger;
    private readonly Task running;

    public StoreUpkeep(NpgsqlDataSource database, TimeProvider time, ILogger<StoreUpkeep> logger)
    {
        spending = new(database);
        quotas = new(database, time);
        this.time = time;
        this.logger = logger;
        running = RunAsync();
    }

    /// <summary>Ends when the first run has.</summary>
    public Task FirstRun => first.Task;

    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync().ConfigureAwait(false);
        await running.ConfigureAwait(false);
        stopping.Dispose();
    }

    private async Task RunAsync()
    {
        try
        {
            while (true)
            {
                await TidyAsync(stopping.Token).ConfigureAwait(false);
                first.TrySetResult();
                await Task.Delay(Every, time, stopping.Token).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // the process is stopping
        }
    }

    private async Task TidyAsync(CancellationToken ct)
    {
        try
        {
            var before = time.GetUtcNow().AddMonths(-PostgresSpendLedger.KeepMonths);
            await InBatchesAsync(token => spending.DeleteUntouchedAsync(before, BatchRows, token), ct).ConfigureAwait(false);
            await InBatchesAsync(token => quotas.DeleteExpiredAsync(BatchRows, token), ct).ConfigureAwait(false);
        }
        catch (NpgsqlException e)
        {
            Log.UpkeepFailed(logger, e); // again tomorrow
        }
    }

    private static async Task InBatchesAsync(Func<CancellationToken, Task<int>> delete, CancellationToken ct)
    {
        for (var i = 0; i < MaxBatches && await delete(ct).ConfigureAwait(false) == BatchRows; i++)
        {
            // each batch is a transaction of its own, so that nobody waits long for its locks
        }
    }
}
