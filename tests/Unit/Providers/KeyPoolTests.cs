using FsCheck;
using FsCheck.Fluent;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using StreamPlatform.Providers;
using StreamPlatform.Tests.Unit.Gateway;

namespace StreamPlatform.Tests.Unit.Providers;

public sealed class KeyPoolTests
{
    private readonly ManualTime time = new();

    [Fact]
    public void Keys_take_turns()
    {
        var pool = Create(["a", "b", "c"]);
        Assert.Equal(Hashes("a", "b", "c", "a", "b"), Enumerable.Range(0, 5).Select(_ => pool.Take().Lease!.Hash));
        Assert.Equal([2, 2, 1], pool.Usage.Select(k => k.Used));
    }

    [Fact]
    public void In_no_60_seconds_a_key_is_used_more_often_than_allowed_nor_by_more_at_once()
    {
        // a step: seconds that pass, and whether the oldest request ends
        var steps = Gen.ListOf(Gen.Zip(Gen.Choose(0, 30), Gen.Elements(true, true, false)));
        var property = Prop.ForAll(Arb.From(Gen.Zip(Gen.Zip(Gen.Choose(1, 4), Gen.Choose(1, 5)), steps)), input =>
        {
            var ((keys, limit), walk) = (input.Item1, input.Item2);
            var clock = new ManualTime();
            var pool = Create([.. Enumerable.Range(0, keys).Select(i => $"key-{i}")], clock, limit, maxInFlight: 2);
            List<(string Hash, DateTimeOffset At)> used = [];
            Queue<KeyPool.KeyLease> running = new();
            foreach (var (seconds, ends) in walk)
            {
                clock.Advance(TimeSpan.FromSeconds(seconds));
                if (ends && running.TryDequeue(out var done))
                {
                    done.Dispose();
                }

                var choice = pool.Take();
                if (choice.Lease is { } lease)
                {
                    used.Add((lease.Hash, clock.GetUtcNow()));
                    running.Enqueue(lease);
                }
                else if (choice.FreeIn is { } free && free <= TimeSpan.Zero)
                {
                    return false;
                }
            }

            return pool.Usage.All(k => k.InFlight <= 2)
                && used.All(u => used.Count(o => o.Hash == u.Hash && o.At >= u.At && o.At < u.At + TimeSpan.FromMinutes(1)) <= limit);
        });
        Check.One(Config.QuickThrowOnFailure, property);
    }

    [Fact]
    public void A_limited_key_is_passed_over_until_its_time()
    {
        var pool = Create(["a", "b"]);
        using (var first = pool.Take().Lease!)
        {
            first.RateLimited(TimeSpan.FromSeconds(7));
        }

        Assert.Equal(Hashes("b", "b"), Enumerable.Range(0, 2).Select(_ => pool.Take().Lease!.Hash));
        using (var second = pool.Take().Lease!)
        {
            second.RateLimited(TimeSpan.FromSeconds(3));
        }

        var none = pool.Take();
        Assert.Equal((ProviderFailure.RateLimited, TimeSpan.FromSeconds(3)), (none.Reason, none.FreeIn));
        time.Advance(TimeSpan.FromSeconds(3));
        Assert.Equal(ApiKey.HashOf("b"), pool.Take().Lease!.Hash);
        time.Advance(TimeSpan.FromSeconds(4));
        Assert.Equal(ApiKey.HashOf("a"), pool.Take().Lease!.Hash);
    }

    [Fact]
    public void Without_quota_anywhere_it_says_so()
    {
        var pool = Create(["a", "b"]);
        pool.Take().Lease!.WithoutQuota();
        pool.Take().Lease!.WithoutQuota();
        Assert.Equal(ProviderFailure.QuotaExhausted, pool.Take().Reason);
        time.Advance(TimeSpan.FromMinutes(10));
        Assert.NotNull(pool.Take().Lease);
    }

    [Fact]
    public void A_limit_does_not_shorten_the_pause_of_a_key_without_quota()
    {
        var pool = Create(["a"]);
        var lease = pool.Take().Lease!;
        lease.WithoutQuota();
        lease.RateLimited(TimeSpan.FromSeconds(1));
        time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(ProviderFailure.QuotaExhausted, pool.Take().Reason);
    }

    [Fact]
    public void Replaced_keys_keep_their_counts_and_a_removed_one_ends_undisturbed()
    {
        var pool = Create(["a", "b"]);
        var a = pool.Take().Lease!;
        var b = pool.Take().Lease!;
        pool.Replace(["b", "c"]);
        a.Dispose();
        b.Dispose();
        Assert.Equal([(ApiKey.HashOf("b"), 1L, 0), (ApiKey.HashOf("c"), 0L, 0)], pool.Usage.Select(k => (k.Hash, k.Used, k.InFlight)));
    }

    [Fact]
    public async Task A_changed_file_is_taken_over_without_restart_and_a_broken_one_is_not()
    {
        var file = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(file, "key-one # first\n\n", TestContext.Current.CancellationToken);
            await using var bench = await ProviderBench.StartAsync(time, o => o.Keys = KeyPoolOptions.Parse(file));
            await bench.AskAsync();
            await File.WriteAllTextAsync(file, "", TestContext.Current.CancellationToken);
            time.Advance(TimeSpan.FromSeconds(5));
            await bench.AskAsync();
            await File.WriteAllTextAsync(file, "key-two\n", TestContext.Current.CancellationToken);
            time.Advance(TimeSpan.FromSeconds(5));
            await bench.AskAsync();
            Assert.Equal(Hashes("key-one", "key-one", "key-two"), bench.Server.Requests.Select(r => r.KeyHash));
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public void No_log_line_holds_a_key()
    {
        var lines = new Lines();
        var pool = new KeyPool(new KeyPoolOptions(), ["sk-very-secret"], time, lines);
        pool.Take().Lease!.WithoutQuota();
        Assert.Equal(2, lines.All.Count);
        Assert.All(lines.All, l => Assert.DoesNotContain("secret", l, StringComparison.Ordinal));
        Assert.All(lines.All, l => Assert.Contains(ApiKey.HashOf("sk-very-secret"), l, StringComparison.Ordinal));
    }

    private KeyPool Create(IReadOnlyList<string> keys, TimeProvider? clock = null, int perMinute = 500, int maxInFlight = 32) =>
        new(new KeyPoolOptions { RequestsPerMinute = perMinute, MaxInFlight = maxInFlight }, keys, clock ?? time, NullLogger.Instance);

    private static IEnumerable<string> Hashes(params string[] keys) => keys.Select(ApiKey.HashOf);

    private sealed class Lines : ILogger
    {
        public List<string> All { get; } = [];

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            All.Add(formatter(state, exception));
    }
}
