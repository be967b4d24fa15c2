using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;
using StreamPlatform.Hosting;
using StreamPlatform.Media.Vault;
using StreamPlatform.Schemas;
using StreamPlatform.Schemas.V1;
using StreamPlatform.Streams;

namespace StreamPlatform.Services;

/// <summary>
/// Once an hour, in one process at a time: deletes rows and recordings whose time is over (R-44) and reconciles the media store with its rows. What a run removed is an
/// audit event, a metric and a line in the log, in counts. Recordings and each table are on their own: what fails is tried again at the next hour.
/// </summary>
internal sealed class RetentionWorker : IAsyncDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromHours(1);
    private static readonly TimeSpan FirstPause = TimeSpan.FromMinutes(2); // a start has better things to do

    private static readonly Meter Meter = new("StreamPlatform.Persistence");
    private static readonly Counter<long> Rows = Meter.CreateCounter<long>("streamplatform.retention.rows", "{row}", "Rows deleted because their time was over, by table");

    private readonly CancellationTokenSource stopping = new();
    private readonly Stores stores;
    private readonly MediaSweep sweep;
    private readonly IEventOutlet events;
    private readonly TimeProvider time;
    private readonly ILogger logger;
    private readonly Task running;

    private RetentionWorker(ServiceContext context, Stores stores)
    {
        this.stores = stores;
        sweep = context.Media.Sweep(stores.Media);
        events = context.Events;
        time = context.Time;
        logger = context.Loggers.CreateLogger<RetentionWorker>();
        running = Task.Run(LoopAsync);
    }

    /// <summary>Starts it; it ends with the context.</summary>
    public static RetentionWorker Start(ServiceContext context, Stores stores) => context.Keep(new RetentionWorker(context, stores));

    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        await running;
        stopping.Dispose();
    }

    private async Task LoopAsync()
    {
        try
        {
            for (var pause = FirstPause; ; pause = Pause)
            {
                await Task.Delay(pause, time, stopping.Token);
                await RunOnceAsync();
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // the service is stopping
        }
    }

    private async Task RunOnceAsync()
    {
        try
        {
            await stores.Retention.AloneAsync(
                async () =>
                {
                    var media = await SweepAsync();
                    var rows = await stores.Retention.RunAsync(stopping.Token, e => Log.RetentionFailed(logger, e));
                    Report(media, rows);
                },
                stopping.Token);
        }
        catch (Exception e) when (!stopping.IsCancellationRequested || e is not OperationCanceledException)
        {
            // whatever it is, the next run begins anew; the log tells it
            Log.RetentionFailed(logger, e);
        }
    }

    /// <summary>Null: it failed, which keeps no row.</summary>
    private async Task<MediaCleanUp?> SweepAsync()
    {
        try
        {
            return await sweep.RunAsync(stopping.Token);
        }
        catch (Exception e) when (!stopping.IsCancellationRequested || e is not OperationCanceledException)
        {
            Log.RetentionFailed(logger, e);
            return null;
        }
    }

    private void Report(MediaCleanUp? media, IReadOnlyDictionary<string, long> rows)
    {
        foreach (var (table, count) in rows)
        {
            Rows.Add(count, new KeyValuePair<string, object?>("table", table));
        }

        if (media is not { Any: true } && rows.Count == 0)
        {
            return;
        }

        var tables = string.Join(", ", rows.Select(r => $"{r.Value} of {r.Key}"));
        Log.RetentionDone(logger, rows.Values.Sum(), tables);
        var recordings = media is null
            ? "the sweep of the recordings failed"
            : $"{media.Due} recordings of {media.DueBytes} bytes were due, {media.Orphans} objects had no row, {media.Missing} rows have no object, {media.Leftovers} leftovers";
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        var audit = new AuditEvent
        {
            AuditId = $"retention/{now}",
            Tenant = "platform",
            Actor = "retention",
            Action = "retention.removed",
            Reason = $"{recordings}; rows: {(tables.Length > 0 ? tables : "none")}",
            AtMs = now,
        };
        events.Send(Topics.Audit, audit.AuditId, audit.Tenant, audit.AuditId, now, audit);
    }
}
