using System.Threading.Channels;
using Microsoft.Extensions.Logging.Abstractions;
using StreamPlatform.Providers;
using StreamPlatform.Streams;

namespace StreamPlatform.Tests.Unit.Providers;

/// <summary>Uses of keys are written behind the calls: gathered, told every 30 s and at the end, kept while nobody takes them.</summary>
public sealed class KeyUsageTests
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(30);

    private readonly VirtualTime time = new();
    private readonly FakeLedger ledger = new();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Keys_in_force_are_told_at_the_start_and_uses_every_30_s()
    {
        var pool = Pool("a", "b");
        await using var writer = Writer(pool);
        Assert.Equal(Active("a", "b"), await ledger.NextAsync());
        for (var i = 0; i < 5; i++) pool.Take().Lease!.Dispose();
        await AdvanceAsync();
        Assert.Equal(Uses(("a", 3), ("b", 2)), await ledger.NextAsync());
        pool.Take().Lease!.Dispose();
        await AdvanceAsync();
        Assert.Equal(Uses(("b", 1)), await ledger.NextAsync());
    }

    [Fact]
    public async Task Replaced_keys_are_told_at_once_and_a_removed_ones_uses_are_not_lost()
    {
        var pool = Pool("a");
        await using var writer = Writer(pool);
        Assert.Equal(Active("a"), await ledger.NextAsync());
        pool.Take().Lease!.Dispose();

        pool.Replace(["c"]);

        Assert.Equal(Active("c"), await ledger.NextAsync());
        Assert.Equal(Uses(("a", 1)), await ledger.NextAsync());
    }

    [Fact]
    public async Task What_is_not_taken_waits_for_the_next_time_and_no_call_notices()
    {
        var pool = Pool("a");
        ledger.Fails = true;
        await using var writer = Writer(pool);
        Assert.Equal("failed", await ledger.NextAsync()); // the keys in force
        pool.Take().Lease!.Dispose();
        await AdvanceAsync();
        Assert.Equal("failed", await ledger.NextAsync());
        pool.Take().Lease!.Dispose();

        ledger.Fails = false;
        await AdvanceAsync();
        Assert.Equal(Active("a"), await ledger.NextAsync());
        Assert.Equal(Uses(("a", 2)), await ledger.NextAsync());

        ledger.Fails = true;
        pool.Take().Lease!.Dispose();
        await AdvanceAsync();
        Assert.Equal("failed", await ledger.NextAsync()); // the uses this time
        pool.Take().Lease!.Dispose();
        ledger.Fails = false;
        await AdvanceAsync();
        Assert.Equal(Uses(("a", 2)), await ledger.NextAsync());
    }

    [Fact]
    public async Task The_end_tells_what_is_pending_and_does_not_wait_for_ever()
    {
        var pool = Pool("a");
        var writer = Writer(pool);
        Assert.Equal(Active("a"), await ledger.NextAsync());
        pool.Take().Lease!.Dispose();
        await writer.DisposeAsync();
        Assert.Equal(Uses(("a", 1)), await ledger.NextAsync());

        ledger.Hangs = true;
        var hanging = Writer(Pool("b"));
        Assert.Equal("hangs", await ledger.NextAsync());
        var ending = hanging.DisposeAsync().AsTask();
        Assert.Equal("hangs", await ledger.NextAsync());
        await UntilAsync(() => ending.IsCompleted);
    }

    [Fact]
    public void Uses_of_a_thousand_removed_keys_are_kept_and_no_more()
    {
        var pool = Pool("first");
        for (var n = 0; n < 1_100; n++)
        {
            pool.Replace([$"k{n}"]);
            pool.Take().Lease!.Dispose();
        }

        Assert.Equal(1_000, pool.TakeUses().Count);
        Assert.Empty(pool.TakeUses());
    }

    [Fact]
    public async Task A_provider_tells_the_ledger_what_its_calls_used_under_the_whole_hash()
    {
        await using (var bench = await ProviderBench.StartAsync(time, o => o.Keys = new() { Keys = ["key-one", "key-two"] }, ledger: ledger))
        {
            Assert.Equal(Active("key-one", "key-two"), await ledger.NextAsync());
            await bench.AskAsync();
            await bench.AskAsync(user: "Transcript: another one.");
            await bench.AskAsync(user: "Transcript: and a third one.");
        }

        Assert.Equal(Uses(("key-one", 2), ("key-two", 1)), await ledger.NextAsync());
        Assert.Equal("127.0.0.1", ledger.Provider);
    }

    [Fact]
    public async Task Calls_without_keys_tell_nothing()
    {
        await using (var bench = await ProviderBench.StartAsync(time, o => o.Keys = new(), ledger: ledger))
        {
            await bench.AskAsync();
        }

        Assert.False(ledger.Any);
    }

    private KeyPool Pool(params string[] keys) => new(new KeyPoolOptions(), keys, time, NullLogger.Instance);

    private KeyUsageWriter Writer(KeyPool pool) => new("api.example", pool, ledger, time, NullLogger.Instance);

    private static string Active(params string[] keys) => $"active {string.Join(' ', keys.Select(ApiKey.Sha256Of).Order(StringComparer.Ordinal))}";

    private static string Uses(params (string Key, int Times)[] uses) => $"used {string.Join(' ', uses.Select(u => $"{ApiKey.Sha256Of(u.Key)}:{u.Times}").Order(StringComparer.Ordinal))}";

    // the writer may not be waiting yet
    private Task AdvanceAsync() => UntilAsync(() => ledger.Any);

    private async Task UntilAsync(Func<bool> reached)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Ct);
        patience.CancelAfter(Soon);
        while (!reached())
        {
            time.Advance(TimeSpan.FromSeconds(1));
            await Task.Delay(1, patience.Token);
        }
    }

    private sealed class FakeLedger : IKeyLedger
    {
        private readonly Channel<string> told = Channel.CreateUnbounded<string>();

        public bool Fails { get; set; }

        public bool Hangs { get; set; }

        public string Provider { get; private set; } = "";

        public bool Any => told.Reader.TryPeek(out _);

        public Task<string> NextAsync() => told.Reader.ReadAsync(Ct).AsTask().WaitAsync(Soon, Ct);

        public Task SetActiveAsync(string provider, IReadOnlyCollection<string> keyHashes, CancellationToken cancellationToken) =>
            TellAsync(provider, $"active {string.Join(' ', keyHashes.Order(StringComparer.Ordinal))}", cancellationToken);

        public Task AddUsesAsync(string provider, IReadOnlyCollection<KeyUses> uses, CancellationToken cancellationToken) =>
            TellAsync(provider, $"used {string.Join(' ', uses.Select(u => $"{u.KeyHash}:{u.Times}").Order(StringComparer.Ordinal))}", cancellationToken);

        private async Task TellAsync(string provider, string what, CancellationToken cancellationToken)
        {
            Provider = provider;
            told.Writer.TryWrite(Hangs ? "hangs" : Fails ? "failed" : what);
            if (Hangs) await Task.Delay(System.Threading.Timeout.Infinite, cancellationToken);
            if (Fails) throw new IOException("the ledger is away");
        }
    }
}
