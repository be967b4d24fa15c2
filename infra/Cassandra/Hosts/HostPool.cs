using Cassandra.Protocol;

namespace Cassandra;

/// <summary>
/// One session's connections to one host: between the core number and the maximum. A request takes the least busy; when that one is busy too, another
/// connection is opened in the background. Nothing waits here: requests over the bound of a connection are refused by it (<see cref="BusyPoolException"/>).
/// </summary>
internal sealed class HostPool : IAsyncDisposable
{
    private static readonly TimeSpan GrowthPause = TimeSpan.FromSeconds(1);

    private readonly Lock gate = new();
    private readonly IPoolOwner owner;
    private readonly int growAt;
    private IConnection[] connections = [];
    private int opening;
    private bool closed;
    private long noGrowthUntil;

    public HostPool(Host host, IPoolOwner owner)
    {
        Host = host;
        this.owner = owner;
        growAt = owner.GrowAt(host);
    }

    public Host Host { get; }

    public int OpenConnections => Volatile.Read(ref connections).Length;

    public int InFlight => Volatile.Read(ref connections).Sum(connection => connection.InFlight);

    /// <summary>The least busy open connection, or null when there is none.</summary>
    public IConnection? Borrow()
    {
        IConnection[] open = Volatile.Read(ref connections);
        IConnection? best = null;
        int least = int.MaxValue;
        foreach (IConnection connection in open)
        {
            int inFlight = connection.InFlight;
            if (inFlight < least && connection.IsOpen)
            {
                (best, least) = (connection, inFlight);
            }
        }
        if (best is not null && least >= growAt && open.Length + Volatile.Read(ref opening) < owner.MaxConnections(Host))
        {
            _ = GrowAsync();
        }
        return best;
    }

    /// <summary>Opens connections up to the core number; returns whether any is open at the end. The error of the last that could not be opened is told.</summary>
    public async Task<(bool Open, Exception? Error)> FillAsync(CancellationToken ct)
    {
        Exception? error = null;
        while (OpenConnections < owner.CoreConnections(Host) && error is null)
        {
            if (!Reserve(owner.CoreConnections(Host)))
            {
                break; // somebody else is opening them
            }
            error = await OpenReservedAsync(ct).ConfigureAwait(false);
        }
        return (OpenConnections > 0, error);
    }

    public async ValueTask DisposeAsync()
    {
        IConnection[] open;
        lock (gate)
        {
            closed = true;
            open = connections;
            connections = [];
        }
        foreach (IConnection connection in open)
        {
            await connection.DisposeAsync().ConfigureAwait(false);
        }
    }

    private async Task GrowAsync()
    {
        if (owner.Time.GetTimestamp() >= Volatile.Read(ref noGrowthUntil) && Reserve(owner.MaxConnections(Host)) && await OpenReservedAsync(CancellationToken.None).ConfigureAwait(false) is { } error)
        {
            owner.Log.ConnectionNotOpened(Host.Address, error.Message); // the open ones go on
            Volatile.Write(ref noGrowthUntil, owner.Time.GetTimestamp() + (long)(GrowthPause.TotalSeconds * owner.Time.TimestampFrequency));
        }
    }

    private bool Reserve(int max)
    {
        lock (gate)
        {
            if (closed || connections.Length + opening >= max)
            {
                return false;
            }
            opening++;
            return true;
        }
    }

    private async Task<Exception?> OpenReservedAsync(CancellationToken ct)
    {
        try
        {
            IConnection connection = await owner.OpenAsync(Host, ct).ConfigureAwait(false);
            await AdoptAsync(connection).ConfigureAwait(false);
            return null;
        }
        catch (Exception error) when (ConnectionFailure.Is(error) || error is OperationCanceledException)
        {
            return error;
        }
        finally
        {
            Interlocked.Decrement(ref opening);
        }
    }

    private async Task AdoptAsync(IConnection connection)
    {
        bool refused;
        lock (gate)
        {
            refused = closed;
            connections = refused ? connections : [.. connections, connection];
        }
        if (refused)
        {
            await connection.DisposeAsync().ConfigureAwait(false);
            return;
        }
        _ = connection.Closed.ContinueWith(
            static (_, state) => { (HostPool pool, IConnection gone) = ((HostPool, IConnection))state!; pool.Remove(gone); },
            (this, connection), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
    }

    private void Remove(IConnection connection)
    {
        lock (gate)
        {
            if (closed)
            {
                return;
            }
            connections = [.. connections.Where(other => other != connection)];
        }
        _ = connection.DisposeAsync().AsTask();
        owner.Lost(this);
    }
}

/// <summary>What a pool needs of its session.</summary>
internal interface IPoolOwner
{
    int GrowAt(Host host);

    TimeProvider Time { get; }

    Microsoft.Extensions.Logging.ILogger Log { get; }

    int CoreConnections(Host host);

    int MaxConnections(Host host);

    Task<IConnection> OpenAsync(Host host, CancellationToken ct);

    /// <summary>A connection has gone; the pool may be empty now.</summary>
    void Lost(HostPool pool);
}

/// <summary>Which errors mean that a host could not be reached (and not that the request was wrong).</summary>
internal static class ConnectionFailure
{
    public static bool Is(Exception error) =>
        error is DriverException or System.Net.Sockets.SocketException or IOException or System.Security.Authentication.AuthenticationException or TimeoutException;
}
