using Microsoft.Extensions.Logging;

namespace StreamPlatform.Providers;

/// <summary>
/// Keys of one provider: in turns, past those that are limited, without quota or refused. One pool serves chat, audio and speech, since limits belong to keys.
/// Safe for concurrent use; nothing waits in here.
/// </summary>
internal sealed class KeyPool
{
    private readonly Lock gate = new();
    private readonly KeyPoolOptions options;
    private readonly TimeProvider time;
    private readonly ILogger logger;
    private readonly PendingKeyUses pending = new();
    private List<ApiKey> keys = [];
    private int next;
    private TaskCompletionSource changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public KeyPool(KeyPoolOptions options, IReadOnlyList<string> secrets, TimeProvider time, ILogger logger)
    {
        this.options = options;
        this.time = time;
        this.logger = logger;
        Replace(secrets);
    }

    /// <summary>Requests sent by each key in use, by its hash.</summary>
    public IReadOnlyList<(string Hash, long Used, int InFlight, bool Blocked)> Usage
    {
        get
        {
            lock (gate)
            {
                var now = time.GetUtcNow();
                return [.. keys.Select(k => (k.Hash, k.Used, k.InFlight, k.Blocked.Until > now))];
            }
        }
    }

    /// <summary>SHA-256 of each key in force.</summary>
    public IReadOnlyList<string> InForce
    {
        get
        {
            lock (gate)
            {
                return [.. keys.Select(k => k.Sha256)];
            }
        }
    }

    /// <summary>Called when keys were replaced. Must return quickly and not throw.</summary>
    public Action? Replaced { get; set; }

    /// <summary>Uses since the last call, also of keys that were removed meanwhile.</summary>
    public IReadOnlyCollection<KeyUses> TakeUses()
    {
        lock (gate)
        {
            return pending.Take();
        }
    }

    /// <summary>Uses that could not be told to anyone.</summary>
    public void PutBack(IReadOnlyCollection<KeyUses> uses)
    {
        lock (gate)
        {
            foreach (var use in uses)
            {
                pending.Add(use.KeyHash, use.Times, use.Last);
            }
        }
    }

    /// <summary>Puts other keys in force. Those that stay keep their counts and limits; requests under way with a removed key end undisturbed.</summary>
    public void Replace(IReadOnlyList<string> secrets)
    {
        lock (gate)
        {
            var known = keys.ToDictionary(k => k.Secret);
            keys = [.. secrets.Distinct().Select(s => known.GetValueOrDefault(s) ?? new ApiKey(s, options.RequestsPerMinute))];
            Log.KeysInForce(logger, keys.Count, string.Join(' ', keys.Select(k => k.Hash)));
            Changed();
        }

        Replaced?.Invoke();
    }

    /// <summary>The next key in turn that may be used now.</summary>
    public KeyChoice Take()
    {
        lock (gate)
        {
            var now = time.GetUtcNow();
            var soonest = DateTimeOffset.MaxValue;
            var rateLimited = false;
            var full = false;
            var reason = ProviderFailure.Rejected;
            for (var i = 0; i < keys.Count; i++)
            {
                var key = keys[(next + i) % keys.Count];
                var freeAt = key.FreeAt(now);
                if (key.Blocked.Until > now)
                {
                    rateLimited |= key.Blocked.Reason == ProviderFailure.RateLimited;
                    reason = key.Blocked.Reason == ProviderFailure.QuotaExhausted ? ProviderFailure.QuotaExhausted : reason;
                    soonest = key.Blocked.Reason == ProviderFailure.RateLimited && key.Blocked.Until < soonest ? key.Blocked.Until : soonest;
                }
                else if (freeAt > now)
                {
                    rateLimited = true;
                    soonest = freeAt < soonest ? freeAt : soonest;
                }
                else if (key.InFlight >= options.MaxInFlight)
                {
                    full = true;
                }
                else
                {
                    next = (next + i + 1) % keys.Count;
                    key.Use(now);
                    pending.Add(key.Sha256, 1, now);
                    return new KeyChoice(new KeyLease(this, key), default, null, Task.CompletedTask);
                }
            }

            return full ? new KeyChoice(null, ProviderFailure.Overloaded, null, changed.Task)
                : rateLimited ? new KeyChoice(null, ProviderFailure.RateLimited, soonest - now, changed.Task)
                : new KeyChoice(null, reason, null, changed.Task);
        }
    }

    private void Block(ApiKey key, ProviderFailure reason, TimeSpan pause)
    {
        lock (gate)
        {
            var until = time.GetUtcNow() + pause;
            var heavier = reason != ProviderFailure.RateLimited || key.Blocked.Reason == ProviderFailure.RateLimited || key.Blocked.Until <= time.GetUtcNow();
            key.Blocked = heavier && (until > key.Blocked.Until || reason != key.Blocked.Reason) ? (reason, until) : key.Blocked;
        }

        Log.KeySetAside(logger, key.Hash, reason, pause);
    }

    private void Release(ApiKey key)
    {
        lock (gate)
        {
            key.InFlight--;
            Changed();
        }
    }

    private void Changed()
    {
        changed.TrySetResult();
        changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    /// <summary>A key in use for one request.</summary>
    internal sealed class KeyLease(KeyPool pool, ApiKey key) : IDisposable
    {
        private int released;

        public string Hash => key.Hash;

        public string Secret => key.Secret;

        /// <summary>429: left alone until the time that the provider named.</summary>
        public void RateLimited(TimeSpan pause) => pool.Block(key, ProviderFailure.RateLimited, pause);

        public void WithoutQuota() => pool.Block(key, ProviderFailure.QuotaExhausted, pool.options.QuotaPause);

        public void Refused() => pool.Block(key, ProviderFailure.Rejected, pool.options.RefusedPause);

        public void Dispose()
        {
            if (Interlocked.Exchange(ref released, 1) == 0)
            {
                pool.Release(key);
            }
        }
    }
}

/// <summary>A key, or why there is none.</summary>
/// <param name="Lease">Null = none.</param>
/// <param name="Reason">Overloaded: all in use. RateLimited: all at their limit. QuotaExhausted, Rejected: all set aside.</param>
/// <param name="FreeIn">When rate-limited: until the first is free.</param>
/// <param name="Changed">Ends when a key is given back or keys are replaced.</param>
internal sealed record KeyChoice(KeyPool.KeyLease? Lease, ProviderFailure Reason, TimeSpan? FreeIn, Task Changed);
