using StreamPlatform.Caching;
using StreamPlatform.Gateway.Results;
using StreamPlatform.Postgres.Replica;
using StreamPlatform.Schemas.V1;
using StreamPlatform.Streams;
using StreamPlatform.Topology.Caching;

namespace StreamPlatform.Tests.Unit.Caching;

/// <summary>Results of finished interviews are read once, of running ones each time, and come out of Redis as they went in.</summary>
public sealed class CachedResultsTests(RedisTestServer redis) : IClassFixture<RedisTestServer>, IResultsReader
{
    private readonly string id = Guid.NewGuid().ToString("N");
    private int reads;
    private bool finished;
    private SessionPage? asked;
    private Exception? fails;
    private long asOfMs;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_running_interview_is_read_each_time_and_a_finished_one_once_for_all_instances()
    {
        await using var tier = await redis.ConnectAsync();
        using var one = new CachedResults(this, tier, TimeProvider.System);
        using var other = new CachedResults(this, tier, TimeProvider.System);
        await one.GetResultsAsync(id, Ct);
        await one.GetResultsAsync(id, Ct);
        Assert.Equal(2, reads);
        finished = true;
        var made = await one.GetResultsAsync(id, Ct);
        var remote = await other.GetResultsAsync(id, Ct);
        Assert.Equal(3, reads);
        Assert.Equivalent(made, remote, strict: true);
        Assert.Equal(3, (await other.GetReportAsync(id, Ct))!.Overall);
        await one.InvalidateAsync(id, Ct);
        await one.GetResultsAsync(id, Ct);
        Assert.Equal(4, reads);
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("\"\"")]
    [InlineData("\"AQEAAAA=\"")] // one row, none follows
    [InlineData("\"Af///38=\"")] // 2^31 - 1 rows
    [InlineData("\"AQAAAAAA\"")] // none, and a byte behind them
    public async Task Windows_that_Redis_holds_in_another_form_are_read_from_the_store(string windows)
    {
        finished = true;
        await using var tier = await redis.ConnectAsync();
        using (var writing = new CachedResults(this, tier, TimeProvider.System))
        {
            await writing.GetResultsAsync(id, Ct);
        }

        var kept = CacheEnvelope.Open((await tier.GetAsync(CachedSession.RemoteResults(id), Ct))!, DateTimeOffset.UtcNow)!.Value;
        var json = System.Text.RegularExpressions.Regex.Replace(System.Text.Encoding.UTF8.GetString(kept.Value), "(?<=\"Windows\":)\"[^\"]*\"", windows);
        Assert.Contains($"\"Windows\":{windows}", json, StringComparison.Ordinal);
        await tier.SetAsync(CachedSession.RemoteResults(id), CacheEnvelope.Seal(System.Text.Encoding.UTF8.GetBytes(json), DateTimeOffset.UtcNow.AddMinutes(1)), TimeSpan.FromMinutes(1), Ct);
        using var reading = new CachedResults(this, tier, TimeProvider.System);
        Assert.Equal(2, (await reading.GetResultsAsync(id, Ct))!.Windows.Count);
        Assert.Equal(2, reads);
    }

    [Fact]
    public async Task A_gateway_that_starts_reads_the_newest_results_before_anybody_asks()
    {
        finished = true;
        await using var tier = await redis.ConnectAsync();
        using var cached = new CachedResults(this, tier, TimeProvider.System);
        using var warming = new ResultsWarmUp(cached, TimeProvider.System, Microsoft.Extensions.Logging.Abstractions.NullLogger<ResultsWarmUp>.Instance);
        await warming.StartAsync(Ct);
        Assert.Equal(0, reads); // what is read before news of changes come would be dropped with their beginning
        cached.ForgetHere();
        await warming.ExecuteTask!;
        Assert.Equal((50, 1), (asked!.Limit, reads));
        Assert.NotNull(await cached.GetResultsAsync(id, Ct));
        Assert.Equal(1, reads);
    }

    [Fact]
    public async Task A_series_store_that_is_down_leaves_the_cache_cold_and_the_gateway_running()
    {
        await using var tier = await redis.ConnectAsync();
        using var cached = new CachedResults(this, tier, TimeProvider.System);
        fails = new StreamPlatform.Streams.TransientException("the series cannot be read now");
        using var warming = new ResultsWarmUp(cached, TimeProvider.System, Microsoft.Extensions.Logging.Abstractions.NullLogger<ResultsWarmUp>.Instance);
        await warming.StartAsync(Ct);
        cached.ForgetHere();
        await warming.ExecuteTask!;
    }

    [Fact]
    public async Task What_is_read_after_news_is_no_older_than_the_news_on_a_replica_that_is_behind()
    {
        var time = new VirtualTime();
        using var cached = new CachedResults(this, new NoTier(), time);
        await cached.GetResultsAsync(id, Ct);
        Assert.Equal(0, asOfMs);
        await cached.InvalidateAsync(id, Ct);
        var heardAtMs = time.GetUtcNow().ToUnixTimeMilliseconds();
        time.Advance(TimeSpan.FromSeconds(3));
        await cached.GetResultsAsync(id, Ct);
        Assert.Equal(heardAtMs, asOfMs);
        using (ReadScope.Enter(ReadScope.Primary)) await cached.GetResultsAsync(id, Ct);
        Assert.Equal(ReadScope.Primary, asOfMs);
        cached.ForgetHere();
        await cached.GetResultsAsync(id + "2", Ct);
        Assert.Equal(time.GetUtcNow().ToUnixTimeMilliseconds(), asOfMs);
    }

    [Fact]
    public async Task A_list_is_asked_for_with_its_page_and_its_filter()
    {
        await using var tier = await redis.ConnectAsync();
        using var cached = new CachedResults(this, tier, TimeProvider.System);
        SessionPage page = new(7, 1_000, "s1", "completed");
        await cached.ListSessionsAsync(page, Ct);
        Assert.Equal(page, asked);
    }

    Task<IReadOnlyList<SessionRow>> IResultsReader.ListSessionsAsync(SessionPage page, CancellationToken cancellationToken)
    {
        asked = page;
        return Task.FromResult<IReadOnlyList<SessionRow>>([new(id, "t", "c", "Jane", "Engineer", "US", "completed", 1, 2, 3, 4)]);
    }

    Task<InterviewResults?> IResultsReader.GetResultsAsync(string sessionId, CancellationToken cancellationToken)
    {
        if (fails is not null) throw fails;
        reads++;
        asOfMs = ReadScope.AsOfMs;
        return Task.FromResult<InterviewResults?>(new(
            new(sessionId, "t", "c", "Jane", "Engineer", "US", "completed", 1, 2, 3, 4),
            [new("a", 0, "q", "text?", "typed", "answer", 0, 1, 2)],
            [new(0, "heard", 0.5f, "engine", 1, 2, 3, 4, true, 1, "me", new(1, 2, 3, 4, 5.5f))],
            [new("s", 0, 0, 1, 2, "piece", 0.25f, "engine")],
            [new("a", 0, "q", 1.5f, 2.5f, "good", ["because"], "engine", "v1", true, "reason", 5)],
            [new(1, 2, 3, 4, 0.75f, new(0.1f, 0.2f, 0.3f, 0.4f, 0, 0, 0), "happy", 5, 6, 7, 8), new(2, 3, 4, 5, float.NaN, null, "", 6)], 9, "postgres",
            finished ? new(1, 2, 3, 4, 5, "happy", null, 6, 7, 8, 9, 10, 11, false, ["note"], 12, 13) : null));
    }

    Task<InterviewReport?> IResultsReader.GetReportAsync(string sessionId, CancellationToken cancellationToken) => Task.FromResult<InterviewReport?>(new() { SessionId = sessionId, Overall = 3 });
}
