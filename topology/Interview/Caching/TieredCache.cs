namespace StreamPlatform.Topology.Caching;

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
/// <param name="lifetime">Of a value that lives shorter than the policy says; zero for one that is still changing: given to who waits, kept nowhere.</param>
public sealed class TieredCache<TValue>(CachePolicy policy, ICacheTier tier, Func<TValue, byte[]> write, Func<byte[], TValue> read, TimeProvider time, Func<TValue, TimeSpan>? lifetime = null) : IDisposable
    where TValue : class
{
    private const int Stripes = 1024;
    private const int Polls = 50; // of another instance's making, within the patience

    /// <summary>In this process at most: what Redis keeps for days is not kept here for days.</summary>
    private static readonly TimeSpan MostHere = TimeSpan.FromHours(1);

    private readonly SharedCache<TValue> here = new(policy.Limits, time, policy.Name, twoLevel: true);
    private readonly long[] invalidations = new long[Stripes]; // by hash of the key: a neighbour's invalidation costs a making, no more

    /// <summary>Name of the cache.</summary>
    public string Name => policy.Name;

    /// <summary>The value: kept here, kept by another instance, or made; past the cache, when too many are being made.</summary>
    /// <param name="key">Equal keys share one value.</param>
    /// <param name="make">Null when there is none, which is not kept.</param>
    /// <param name="cancellationToken">Leaves; the making goes on.</param>
    public async Task<TValue?> GetAsync(string key, Func<CancellationToken, Task<TValue?>> make, CancellationToken cancellationToken)
    {
        var (value, use) = await TryGetAsync(key, make, cancellationToken).ConfigureAwait(false);
        return use == CacheUse.Refused ? await make(cancellationToken).ConfigureAwait(false) : value;
    }

    /// <summary>As <see cref="GetAsync"/>, and where the value came from; refused, when too many are being made.</summary>
    public async Task<(TValue? Value, CacheUse Use)> TryGetAsync(string key, Func<CancellationToken, Task<TValue?>> make, CancellationToken cancellationToken)
    {
        var remote = false;
        var (value, use) = await here.GetAsync(
            key,
            async ct =>
            {
                (var fill, remote) = await FillAsync(key, make, ct).ConfigureAwait(false);
                return fill;
            },
            cancellationToken).ConfigureAwait(false);
        return (value, use == CacheUse.Made && remote ? CacheUse.Remote : use);
    }

    /// <summary>Write-through: keeps a value that has just been stored, here and for all instances.</summary>
    public async Task PutAsync(string key, TValue value, CancellationToken cancellationToken)
    {
        await tier.SetAsync(Remote(key), CacheEnvelope.Seal(write(value), time.GetUtcNow() + policy.Lifetime), policy.Lifetime, cancellationToken).ConfigureAwait(false);
        Drop(key); // what was made here meanwhile is older
    }

    /// <summary>What the key stands for has changed: it goes here and from the shared cache.</summary>
    public async Task InvalidateAsync(string key, CancellationToken cancellationToken)
    {
        Drop(key);
        await tier.RemoveAsync(Remote(key), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>News may have been missed: all that is kept in this process goes. The shared cache is cleared of what changed by who changed it.</summary>
    public void ForgetHere()
    {
        for (var i = 0; i < Stripes; i++)
        {
            Interlocked.Increment(ref invalidations[i]);
        }

        here.Clear();
    }

    public void Dispose() => here.Dispose();

    private void Drop(string key)
    {
        Interlocked.Increment(ref Stripe(key));
        here.Remove(key);
        CacheMetrics.Invalidated(policy.Name);
    }

    private async Task<(CacheFill<TValue> Fill, bool Remote)> FillAsync(string key, Func<CancellationToken, Task<TValue?>> make, CancellationToken cancellationToken)
    {
        var before = Interlocked.Read(ref Stripe(key));
        if (await FindAsync(key, cancellationToken).ConfigureAwait(false) is { } found)
        {
            return (found, true);
        }

        var (turn, others) = await TakeTurnAsync(key, cancellationToken).ConfigureAwait(false);
        await using var held = turn;
        return others is not null ? (others, true) : (await MakeAsync(key, before, make, cancellationToken).ConfigureAwait(false), false);
    }

    private async Task<CacheFill<TValue>> MakeAsync(string key, long before, Func<CancellationToken, Task<TValue?>> make, CancellationToken cancellationToken)
    {
        CacheMetrics.Beyond(policy.Name, remote: false);
        var made = await make(cancellationToken).ConfigureAwait(false);
        var life = made is null ? TimeSpan.Zero : Shortened(lifetime?.Invoke(made) ?? policy.Lifetime);
        if (made is null || life <= TimeSpan.Zero || Interlocked.Read(ref Stripe(key)) != before)
        {
            return new(made, TimeSpan.Zero);
        }

        var bytes = write(made);
        await tier.SetAsync(Remote(key), CacheEnvelope.Seal(bytes, time.GetUtcNow() + life), life, cancellationToken).ConfigureAwait(false);
        if (Interlocked.Read(ref Stripe(key)) != before)
        {
            await tier.RemoveAsync(Remote(key), cancellationToken).ConfigureAwait(false);
            return new(made, TimeSpan.Zero);
        }

        return Fill(made, life, bytes.Length);
    }

    private async Task<CacheFill<TValue>?> FindAsync(string key, CancellationToken cancellationToken)
    {
        if (await tier.GetAsync(Remote(key), cancellationToken).ConfigureAwait(false) is not { } envelope || CacheEnvelope.Open(envelope, time.GetUtcNow()) is not { } kept)
        {
            return null;
        }

        try
        {
            var value = read(kept.Value);
            CacheMetrics.Beyond(policy.Name, remote: true);
            return Fill(value, kept.Left, kept.Value.Length);
        }
        catch (InvalidDataException)
        {
            return null; // of another version of the program
        }
    }

    /// <summary>The turn to make the value, or what another instance has made meanwhile; neither when its making takes too long.</summary>
    private async Task<(IAsyncDisposable? Turn, CacheFill<TValue>? Found)> TakeTurnAsync(string key, CancellationToken cancellationToken)
    {
        for (var since = time.GetTimestamp(); ;)
        {
            if (await tier.TryLockAsync(Remote(key), policy.LockLife, cancellationToken).ConfigureAwait(false) is { } turn)
            {
                return await AfterOthersAsync(key, turn, cancellationToken).ConfigureAwait(false);
            }

            if (time.GetElapsedTime(since) >= policy.Patience)
            {
                return (null, null);
            }

            await Task.Delay(policy.Patience / Polls, time, cancellationToken).ConfigureAwait(false);
            if (await FindAsync(key, cancellationToken).ConfigureAwait(false) is { } found)
            {
                return (null, found);
            }
        }
    }

    /// <summary>Who had the turn before may have stored the value since it was looked for.</summary>
    private async Task<(IAsyncDisposable? Turn, CacheFill<TValue>? Found)> AfterOthersAsync(string key, IAsyncDisposable turn, CancellationToken cancellationToken)
    {
        if (await FindAsync(key, cancellationToken).ConfigureAwait(false) is not { } found)
        {
            return (turn, null);
        }

        await turn.DisposeAsync().ConfigureAwait(false);
        return (null, found);
    }

    private static CacheFill<TValue> Fill(TValue value, TimeSpan left, int bytes) => new(value, left < MostHere ? left : MostHere, bytes);

    private static TimeSpan Shortened(TimeSpan life) => life * (1 - (Random.Shared.NextDouble() / 10));

    private string Remote(string key) => $"{policy.Name}:{key}";

    private ref long Stripe(string key) => ref invalidations[(uint)key.GetHashCode(StringComparison.Ordinal) % Stripes];
}
