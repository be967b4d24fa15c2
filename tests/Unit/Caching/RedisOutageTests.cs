using System.Collections.Concurrent;
using System.Diagnostics;
using StreamPlatform.Gateway.Results;
using StreamPlatform.Observability;

namespace StreamPlatform.Tests.Unit.Caching;

/// <summary>
/// F16 for Redis: it is killed under load and stays away for 60 s. Two gateways' caches go on answering from the store, about as fast; the probe behind /health says so; when Redis is
/// back it is used again by itself. New interviews end all the time: each is asked for twice at each gateway, so that the second gateway has something to get from Redis.
/// </summary>
public sealed class RedisOutageTests(RedisTestServer redis, ITestOutputHelper output) : IClassFixture<RedisTestServer>, IResultsReader
{
    private const int Clients = 16;
    private const int AsksPerSession = 4;
    private const int StoreMs = 4;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan Before = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Outage = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan SeenWithin = TimeSpan.FromSeconds(20);

    private ConcurrentBag<double> took = [];
    private int asked = -1;
    private int reads;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    [Trait("Run", "all")]
    public async Task A_minute_without_Redis_costs_readings_and_no_answer()
    {
        await using var tierA = await redis.ConnectAsync(500);
        await using var tierB = await redis.ConnectAsync(500);
        using var a = new CachedResults(this, tierA, TimeProvider.System);
        using var b = new CachedResults(this, tierB, TimeProvider.System);
        await using var probe = new HealthProbe("redis", tierA.PingAsync, new() { Interval = TimeSpan.FromMilliseconds(500) }, TimeProvider.System);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Ct);
        var load = Task.WhenAll(Enumerable.Range(0, Clients).Select(_ => Task.Run(() => AskOnAsync(a, b, stop.Token), Ct)));

        await Task.Delay(Before, Ct);
        var (usual, usualReads) = Phase("with Redis");
        await redis.KillAsync();
        var down = Stopwatch.StartNew();
        await UntilAsync(() => !probe.Check().Healthy, "health says that Redis is down");
        Assert.StartsWith("down for", probe.Check().Detail, StringComparison.Ordinal);
        await Task.Delay(Outage - down.Elapsed, Ct);
        Assert.False(probe.Check().Healthy);
        var (without, withoutReads) = Phase("without Redis");

        await redis.StartAsync();
        await UntilAsync(() => probe.Check().Healthy, "health says that Redis is back");
        for (var used = false; !used;)
        {
            Assert.True(down.Elapsed < Outage + SeenWithin + SeenWithin, "Redis is back and not used");
            Phase("after");
            await Task.Delay(TimeSpan.FromSeconds(2), Ct);
            used = Phase("after").ReadsPerSession is > 0.5 and var readings && readings < (usualReads + withoutReads) / 2;
        }

        await stop.CancelAsync();
        await load; // no request failed
        Assert.InRange(withoutReads, 1.5, 2.5); // each gateway reads for itself
        Assert.InRange(usualReads, 0.9, 1.75); // 1 when all is shared, 2 when nothing is; on a busy machine time-outs open a breaker, and 5 s without sharing make it 1.5
        Assert.True(without < Math.Max(3 * usual, 50), $"95 of 100 answers took {usual:f1} ms with Redis and {without:f1} ms without");
    }

    Task<IReadOnlyList<SessionRow>> IResultsReader.ListSessionsAsync(SessionPage page, CancellationToken cancellationToken) => Task.FromResult<IReadOnlyList<SessionRow>>([]);

    async Task<InterviewResults?> IResultsReader.GetResultsAsync(string sessionId, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref reads);
        await Task.Delay(StoreMs, cancellationToken);
        return new(
            new(sessionId, "t", "c", "Jane", "Engineer", "US", "completed", 0, 0, 0, 1), [], [], [], [], [], 0, "test",
            new(1, 2, 3, 4, 5, "happy", null, 6, 7, 8, 9, 10, 11, false, [], 12, 13));
    }

    private async Task AskOnAsync(CachedResults a, CachedResults b, CancellationToken stopping)
    {
        while (!stopping.IsCancellationRequested)
        {
            var number = Interlocked.Increment(ref asked);
            // the four requests for a session are apart, so that they are not one stampede
            var session = $"{(number / (AsksPerSession * 100) * 100) + (number % 100)}";
            var since = Stopwatch.GetTimestamp();
            var found = await (number / 100 % 2 == 0 ? a : b).GetResultsAsync(session, CancellationToken.None);
            took.Add(Stopwatch.GetElapsedTime(since).TotalMilliseconds);
            Assert.Equal(session, found!.Session.SessionId);
            await Task.Delay(Pause, CancellationToken.None);
        }
    }

    /// <summary>What the answers since the last call took at the 95th percentile, ms, and how often a session was read from the store.</summary>
    private (double P95, double ReadsPerSession) Phase(string name)
    {
        var all = Interlocked.Exchange(ref took, []).Order().ToArray();
        var read = Interlocked.Exchange(ref reads, 0) / Math.Max(1.0, all.Length / (double)AsksPerSession);
        var p95 = all.Length == 0 ? 0 : all[all.Length * 95 / 100];
        output.WriteLine($"{name}: {all.Length} answers, p95 {p95:f1} ms, at most {all.LastOrDefault():f1} ms, {read:f2} readings per session");
        return (p95, read);
    }

    private static async Task UntilAsync(Func<bool> condition, string what)
    {
        for (var since = Stopwatch.GetTimestamp(); !condition(); await Task.Delay(50, Ct))
        {
            Assert.True(Stopwatch.GetElapsedTime(since) < SeenWithin, $"not within {SeenWithin}: {what}");
        }
    }
}
