using System.Threading.Channels;
using Microsoft.Extensions.Logging;

namespace StreamPlatform.Providers;

/// <summary>
/// Tells a ledger which keys are in force (at once) and how often each was used (write-behind: every 30 s, and at the end). What the ledger does not take waits for
/// the next time; calls never wait for it. A write whose confirmation was lost is counted twice.
/// </summary>
internal sealed class KeyUsageWriter : IAsyncDisposable
{
    internal static readonly TimeSpan Interval = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(10);

    private readonly CancellationTokenSource stopping = new();
    private readonly Channel<bool> replaced = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly string provider;
    private readonly KeyPool pool;
    private readonly IKeyLedger ledger;
    private readonly TimeProvider time;
    private readonly ILogger logger;
    private readonly Task running;
    private IReadOnlyList<string> active = [];

    public KeyUsageWriter(string provider, KeyPool pool, IKeyLedger ledger, TimeProvider time, ILogger logger)
    {
        (this.provider, this.pool, this.ledger, this.time, this.logger) = (provider, pool, ledger, time, logger);
        pool.Replaced = () => replaced.Writer.TryWrite(true);
        running = Task.Run(RunAsync);
    }

    /// <summary>Writes what is pending once more; waits 10 s for it at most.</summary>
    public async ValueTask DisposeAsync()
    {
        pool.Replaced = null;
        await stopping.CancelAsync();
        await running;
        await FlushAsync(CancellationToken.None);
        stopping.Dispose();
    }

    private async Task RunAsync()
    {
        try
        {
            while (true)
            {
                await FlushAsync(stopping.Token);
                await WaitAsync(stopping.Token);
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // the last flush is that of DisposeAsync
        }
    }

    private async Task WaitAsync(CancellationToken ct)
    {
        using var timeout = new CancellationTokenSource(Interval, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(ct, timeout.Token);
        try
        {
            await replaced.Reader.ReadAsync(either.Token);
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            // the interval is over
        }
    }

    private async Task FlushAsync(CancellationToken ct)
    {
        using var timeout = new CancellationTokenSource(Timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(ct, timeout.Token);
        IReadOnlyCollection<KeyUses> uses = [];
        try
        {
            var inForce = pool.InForce;
            if (!inForce.SequenceEqual(active))
            {
                await ledger.SetActiveAsync(provider, inForce, either.Token);
                active = inForce;
            }

            uses = pool.TakeUses();
            if (uses.Count > 0)
            {
                await ledger.AddUsesAsync(provider, uses, either.Token);
            }
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            pool.PutBack(uses);
            ct.ThrowIfCancellationRequested();
            Log.KeyUsesNotWritten(logger, uses.Count, e.Message);
        }
    }
}
