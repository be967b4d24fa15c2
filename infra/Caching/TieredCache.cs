using StreamPlatform.Topology.Caching;

namespace StreamPlatform.Caching;

/// <summary>
/// A cache in this process before one that instances share. Requests for one value share one making, in this process always, across instances by a short lock. What is
/// invalidated while it is being made is given to who waits and kept nowhere. Safe for concurrent use.
/// </summary>
/// <typeparam name="TValue">Immutable, or never changed by who gets it.</typeparam>
/// <param name="policy">Name, lifetime, bounds.</param>
/// <param name="tier">Shared by the instances.</param>
/// <param name="write">Value to bytes.</param>
/// <param name="read">Bytes to value; what throws <see cref="InvalidDataException"/> is made anew.</param>
/// <param name="time">Clock.</param>
/// <param name="keep">False for a value that is still changing: given to who waits, kept nowhere.</param>
public sealed class TieredCache<TValue>(CachePolicy policy, ICacheTier tier, Func<TValue, byte[]> write, Func<byte[], TValue> read, TimeProvider time, Predicate<TValue>? keep = null) : IDisposable
    where TValue : class
{
    private const int Stripes = 1024;

    /// <summary>Longer than any making is expected to take; another instance's crash delays a value by no more.</summary>
    private static readonly TimeSpan LockLife = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(20);

    /// <summary>How long another instance's making is waited for before this one makes the value, too.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    /// <summary>In this process at most: what Redis keeps for days is not kept here for days.</summary>
    private static readonly TimeSpan MostHere = TimeSpan.FromHours(1);

    private readonly SharedCache<TValue> here = new(policy.Limits, time, policy.Name, twoLevel: true);
    private readonly long[] invalidations = new long[Stripes]; // by hash of the key: a neighbour's invalidation costs a making, no more

    /// <summary>Name of the cache.</summary>
    public string Name => policy.Name;

    /// <summary>The value: kept here, kept by another instance, or made.</summary>
    /// <param name="make">Null when there is none, which is not kept.</param>
    public async Task<TValue?> GetAsync(string key, Func<CancellationToken, Task<TValue?>> make, CancellationToken cancellationToken)
    {
        var (value, use) = await here.GetAsync(key, ct => FillAsync(key, make, ct), cancellationToken).ConfigureAwait(false);
        return use == CacheUse.Refused ? await make(cancellationToken).ConfigureAwait(false) : value;
    }

    /// <summary>Write-through: keeps a value that has just been stored, here and for all instances.</summary>
    public async Task PutAsync(string key, TValue value, CancellationToken cancellationToken)
    {
        await tier.SetAsync(Remote(key), write(value), policy.Lifetime, cancellationToken).ConfigureAwait(false);
        Drop(key); // what was made here meanwhile is older
    }

    /// <summary>What the key stands for has changed: it goes here and from the shared cache.</summary>
    public async Task InvalidateAsync(string key, CancellationToken cancellationToken)
    {
        Drop(key);
        await tier.RemoveAsync(Remote(key), cancellationToken).ConfigureAwait(false);
    }

    public void Dispose() => here.Dispose();

    private void Drop(string key)
    {
        Interlocked.Increment(ref Stripe(key));
        here.Remove(key);
        CacheMetrics.Invalidated(policy.Name);
    }

    private async Task<CacheFill<TValue>> FillAsync(string key, Func<CancellationToken, Task<TValue?>> make, CancellationToken cancellationToken)
    {
        var before = Interlocked.Read(ref Stripe(key));
        if (await FindAsync(key, cancellationToken).ConfigureAwait(false) is { } found)
        {
            return Fill(found.Value, found.Bytes);
        }

        var (turn, others) = await TakeTurnAsync(key, cancellationToken).ConfigureAwait(false);
        await using var held = turn;
        if (others is { } theirs)
        {
            return Fill(theirs.Value, theirs.Bytes);
        }

        CacheMetrics.Beyond(policy.Name, remote: false);
        var made = await make(cancellationToken).ConfigureAwait(false);
        if (made is null || keep?.Invoke(made) == false || Interlocked.Read(ref Stripe(key)) != before)
        {
            return new(made, TimeSpan.Zero);
        }

        var bytes = write(made);
        await tier.SetAsync(Remote(key), bytes, Shortened(policy.Lifetime), cancellationToken).ConfigureAwait(false);
        if (Interlocked.Read(ref Stripe(key)) != before)
        {
            await tier.RemoveAsync(Remote(key), cancellationToken).ConfigureAwait(false);
            return new(made, TimeSpan.Zero);
        }

        return Fill(made, bytes.Length);
    }

    private async Task<(TValue Value, int Bytes)?> FindAsync(string key, CancellationToken cancellationToken)
    {
        if (await tier.GetAsync(Remote(key), cancellationToken).ConfigureAwait(false) is not { } bytes)
        {
            return null;
        }

        try
        {
            var value = read(bytes);
            CacheMetrics.Beyond(policy.Name, remote: true);
            return (value, bytes.Length);
        }
        catch (InvalidDataException)
        {
            return null; // of another version of the program
        }
    }

    /// <summary>The turn to make the value, or what another instance has made meanwhile; neither when its making takes too long.</summary>
    private async Task<(IAsyncDisposable? Turn, (TValue Value, int Bytes)? Found)> TakeTurnAsync(string key, CancellationToken cancellationToken)
    {
        for (var since = time.GetTimestamp(); ;)
        {
            if (await tier.TryLockAsync(Remote(key), LockLife, cancellationToken).ConfigureAwait(false) is { } turn)
            {
                return (turn, null);
            }

            if (time.GetElapsedTime(since) >= Patience)
            {
                return (null, null);
            }

            await Task.Delay(Poll, time, cancellationToken).ConfigureAwait(false);
            if (await FindAsync(key, cancellationToken).ConfigureAwait(false) is { } found)
            {
                return (null, found);
            }
        }
    }

    private CacheFill<TValue> Fill(TValue value, int bytes) => new(value, Shortened(policy.Lifetime < MostHere ? policy.Lifetime : MostHere), bytes);

    private static TimeSpan Shortened(TimeSpan lifetime) => lifetime * (1 - (Random.Shared.NextDouble() / 10));

    private string Remote(string key) => $"{policy.Name}:{key}";

    private ref long Stripe(string key) => ref invalidations[(uint)key.GetHashCode(StringComparison.Ordinal) % Stripes];
}
