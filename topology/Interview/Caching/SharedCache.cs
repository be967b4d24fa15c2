namespace StreamPlatform.Topology.Caching;

/// <summary>
/// Keeps what is costly to make, for a while and within bounds, and lets equal requests that come at once share one making. Over a bound
/// what was unused longest goes. Safe for concurrent use.
/// </summary>
/// <param name="limits">How much, how long, how many at once.</param>
/// <param name="time">Clock of the lifetimes.</param>
/// <param name="name">Name in the metrics; empty = it is not counted.</param>
/// <param name="twoLevel">What is made here may come from another cache, which counts it.</param>
public sealed class SharedCache<TValue>(SharedCacheLimits limits, TimeProvider time, string name = "", bool twoLevel = false) : IDisposable
    where TValue : class
{
    private readonly Lock gate = new();
    private readonly Dictionary<string, Entry> entries = new(StringComparer.Ordinal);
    private readonly LinkedList<Entry> byUse = []; // the longest unused first
    private readonly CancellationTokenSource stopping = new();
    private long weight;
    private int making;

    /// <summary>Entries kept, those being made included.</summary>
    public int Count
    {
        get
        {
            lock (gate)
            {
                return entries.Count;
            }
        }
    }

    /// <summary>Sum of the weights of what is kept.</summary>
    public long Weight
    {
        get
        {
            lock (gate)
            {
                return weight;
            }
        }
    }

    /// <summary>The value of <paramref name="key"/>: kept, awaited from whoever makes it already, or made.</summary>
    /// <param name="key">Equal keys share one value.</param>
    /// <param name="make">Makes the value; its token is the cache's, so that one caller's leaving does not cost the others theirs.</param>
    /// <param name="cancellationToken">Leaves; the making goes on.</param>
    public Task<(TValue? Value, CacheUse Use)> GetAsync(string key, Func<CancellationToken, Task<CacheFill<TValue>>> make, CancellationToken cancellationToken)
    {
        Entry entry;
        CacheUse use;
        lock (gate)
        {
            (entry, use) = Open(key);
        }

        if (use != CacheUse.Made || !twoLevel)
        {
            CacheMetrics.Request(name, use);
        }

        if (use == CacheUse.Refused)
        {
            return Task.FromResult<(TValue?, CacheUse)>((null, use));
        }

        if (use == CacheUse.Made)
        {
            _ = MakeAsync(entry, make);
        }

        return WaitAsync(entry, use, cancellationToken);
    }

    /// <summary>Forgets the value: the next request makes it anew, even when one is being made (whoever waits for that gets it).</summary>
    public void Remove(string key)
    {
        lock (gate)
        {
            if (entries.TryGetValue(key, out var known))
            {
                Forget(known);
            }
        }
    }

    /// <summary>Forgets all values, as <see cref="Remove"/> forgets one.</summary>
    public void Clear()
    {
        lock (gate)
        {
            foreach (var known in entries.Values.ToList())
            {
                Forget(known);
            }
        }
    }

    /// <summary>Ends what is being made.</summary>
    public void Dispose()
    {
        stopping.Cancel();
        stopping.Dispose();
    }

    private static async Task<(TValue? Value, CacheUse Use)> WaitAsync(Entry entry, CacheUse use, CancellationToken cancellationToken) =>
        (await entry.Value.Task.WaitAsync(cancellationToken), use);

    private (Entry Entry, CacheUse Use) Open(string key)
    {
        if (entries.TryGetValue(key, out var known))
        {
            if (!known.Done || time.GetTimestamp() < known.ExpiresAt)
            {
                byUse.Remove(known.Place);
                byUse.AddLast(known.Place);
                return (known, known.Done ? CacheUse.Kept : CacheUse.Shared);
            }

            Forget(known);
        }

        var fresh = new Entry(key);
        if (making >= limits.MaxMaking)
        {
            return (fresh, CacheUse.Refused);
        }

        making++;
        entries.Add(key, fresh);
        byUse.AddLast(fresh.Place);
        return (fresh, CacheUse.Made);
    }

    private async Task MakeAsync(Entry entry, Func<CancellationToken, Task<CacheFill<TValue>>> make)
    {
        try
        {
            var fill = await make(stopping.Token);
            Keep(entry, fill);
            entry.Value.SetResult(fill.Value);
        }
        catch (Exception error)
        {
            // whoever waits is told; nobody may be waiting any more
            Keep(entry, new CacheFill<TValue>(null, TimeSpan.Zero));
            entry.Value.SetException(error);
            _ = entry.Value.Task.Exception;
        }
    }

    private void Keep(Entry entry, CacheFill<TValue> fill)
    {
        lock (gate)
        {
            making--;
            entry.Done = true;
            if (!entries.TryGetValue(entry.Key, out var current) || current != entry)
            {
                return; // removed while it was being made
            }

            entry.Weight = fill.Weight;
            entry.ExpiresAt = time.GetTimestamp() + (long)(fill.Lifetime.TotalSeconds * time.TimestampFrequency);
            weight += fill.Weight;
            if (fill.Lifetime <= TimeSpan.Zero)
            {
                Forget(entry);
            }

            for (var oldest = byUse.First; oldest is not null && (entries.Count > limits.MaxEntries || weight > limits.MaxWeight);)
            {
                var next = oldest.Next;
                if (oldest.Value.Done)
                {
                    CacheMetrics.Evicted(name);
                    Forget(oldest.Value);
                }

                oldest = next;
            }
        }
    }

    private void Forget(Entry entry)
    {
        entries.Remove(entry.Key);
        byUse.Remove(entry.Place);
        weight -= entry.Weight;
    }

    private sealed class Entry
    {
        public Entry(string key)
        {
            Key = key;
            Place = new(this);
        }

        public string Key { get; }

        public LinkedListNode<Entry> Place { get; }

        public TaskCompletionSource<TValue?> Value { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public bool Done { get; set; }

        public long ExpiresAt { get; set; }

        public long Weight { get; set; }
    }
}

/// <summary>Bounds of a <see cref="SharedCache{TValue}"/>.</summary>
/// <param name="MaxEntries">Values kept; those being made come on top until they are done.</param>
/// <param name="MaxWeight">Sum of the weights kept, in the unit of <see cref="CacheFill{TValue}.Weight"/>.</param>
/// <param name="MaxMaking">Values being made at once; a further one is refused.</param>
public sealed record SharedCacheLimits(int MaxEntries, long MaxWeight, int MaxMaking);

/// <summary>A made value.</summary>
/// <param name="Value">Null when there is none; that too is remembered for its lifetime.</param>
/// <param name="Lifetime">How long it is kept; zero = not at all.</param>
/// <param name="Weight">E.g. bytes.</param>
public sealed record CacheFill<TValue>(TValue? Value, TimeSpan Lifetime, long Weight = 1)
    where TValue : class;

/// <summary>Where a value came from.</summary>
public enum CacheUse
{
    /// <summary>This request made it.</summary>
    Made,

    /// <summary>It was kept.</summary>
    Kept,

    /// <summary>Another request was making it.</summary>
    Shared,

    /// <summary>Another instance had made it.</summary>
    Remote,

    /// <summary>Too many are being made: there is no value.</summary>
    Refused,
}
