using System.Collections.Concurrent;

namespace Cassandra;

/// <summary>Brings hosts that are down up again: one loop per outage, at the pace of the reconnection policy, sooner when a node says that the host is up.</summary>
internal sealed class HostMonitor(Cluster cluster) : IAsyncDisposable
{
    private readonly ConcurrentDictionary<Host, Outage> outages = new();
    private readonly CancellationTokenSource closing = new();

    public void Down(Host host) => Begin(host, joining: false);

    /// <summary>The host is new: it counts as up as soon as it has a connection.</summary>
    public void Joining(Host host) => Begin(host, joining: true);

    public void Hurry(Host host)
    {
        if (outages.TryGetValue(host, out Outage? outage))
        {
            outage.Hurry();
        }
    }

    /// <summary>The host has left: nobody tries it any more.</summary>
    public void Forget(Host host)
    {
        if (outages.TryRemove(host, out Outage? outage))
        {
            outage.Hurry();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await closing.CancelAsync().ConfigureAwait(false);
        await Task.WhenAll(outages.Values.Select(outage => outage.Loop)).ConfigureAwait(false);
    }

    private void Begin(Host host, bool joining)
    {
        Outage outage = new();
        if (closing.IsCancellationRequested || !cluster.Metadata.Topology.Hosts.Contains(host) || !outages.TryAdd(host, outage))
        {
            return;
        }
        if (host.IsUp && !joining)
        {
            cluster.Log.HostDown(host.Address);
        }
        cluster.Guarded(() => host.SetUp(false));
        outage.Loop = ReconnectAsync(host, outage);
    }

    private async Task ReconnectAsync(Host host, Outage outage)
    {
        IReconnectionSchedule schedule = cluster.Configuration.Policies.ReconnectionPolicy.NewSchedule();
        try
        {
            await Task.Yield(); // the first attempt follows at once, but not on the reading loop that noticed the loss
            while (outages.GetValueOrDefault(host) == outage && !await TryBringUpAsync(host, outage).ConfigureAwait(false))
            {
                await outage.WaitAsync(TimeSpan.FromMilliseconds(Math.Max(1, schedule.NextDelayMs())), cluster.Configuration.Time, closing.Token).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException)
        {
            // closing
        }
    }

    private async Task<bool> TryBringUpAsync(Host host, Outage outage)
    {
        ICollection<Session> sessions = cluster.Sessions;
        Session? with = null;
        foreach (Session session in sessions)
        {
            if ((await session.FillAsync(host, closing.Token).ConfigureAwait(false)).Open)
            {
                with = session;
            }
        }
        if (with is null && sessions.Any(session => session.IsUsed(host)))
        {
            return false;
        }
        if (with is not null && cluster.Configuration.QueryOptions.IsReprepareOnUp())
        {
            foreach (PreparedStatement prepared in cluster.Prepared.All)
            {
                await with.TryPrepareOnAsync(host, prepared).ConfigureAwait(false);
            }
        }
        outages.TryRemove(new KeyValuePair<Host, Outage>(host, outage));
        cluster.Log.HostUp(host.Address);
        cluster.Guarded(() => host.SetUp(true));
        if (with is not null && with.PoolOf(host)?.OpenConnections is null or 0)
        {
            cluster.Unreachable(host); // lost again between the two
        }
        return true;
    }

    private sealed class Outage
    {
        private TaskCompletionSource hurry = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Loop { get; set; } = Task.CompletedTask;

        public void Hurry() => hurry.TrySetResult();

        public async Task WaitAsync(TimeSpan delay, TimeProvider time, CancellationToken ct)
        {
            try
            {
                await hurry.Task.WaitAsync(delay, time, ct).ConfigureAwait(false);
                hurry = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            }
            catch (TimeoutException)
            {
                // the schedule's turn
            }
        }
    }
}
