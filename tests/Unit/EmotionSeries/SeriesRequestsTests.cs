using Cassandra;
using StreamPlatform.EmotionSeries;
using StreamPlatform.Streams;
using StreamPlatform.TestCassandra;
using StreamPlatform.Tests.Unit.Cassandra;

namespace StreamPlatform.Tests.Unit.EmotionSeries;

/// <summary>How the series writes, on a stand-in cluster that goes wrong as told.</summary>
public sealed class SeriesRequestsTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_write_that_timed_out_is_repeated_once_and_then_passes_to_the_sink_as_transient()
    {
        await using var fake = await FakeClusterFixture.StartAsync(1);
        using var requests = Requests(fake);
        var insert = await InsertAsync(fake);
        fake.Server.Faults.Add(request => request.Key == "once", new CqlFault.WriteTimeout("UNLOGGED_BATCH"), times: 1);
        await requests.WriteAsync("rows", Batches(requests, insert, ("once", "1"), ("once", "2"), ("other", "3")), Cancel);
        Assert.Equal(["1", "2", "1", "2"], fake.Server.Data["once"]);
        Assert.Equal(["3"], fake.Server.Data["other"]);

        fake.Server.Faults.Add(request => request.Key == "always", new CqlFault.WriteTimeout());
        var error = await Assert.ThrowsAsync<TransientException>(() => requests.WriteAsync("rows", Batches(requests, insert, ("always", "1"), ("beside", "2")), Cancel));
        Assert.Contains("rows", error.Message, StringComparison.Ordinal);
        Assert.Equal(2, fake.Server.Requests.Count(request => request.Key == "always"));
    }

    [Fact]
    public async Task Rows_of_a_partition_share_requests_up_to_the_bound_and_ask_a_quorum()
    {
        await using var fake = await FakeClusterFixture.StartAsync(1);
        using var requests = Requests(fake);
        var insert = await InsertAsync(fake);
        await requests.WriteAsync("rows", Batches(requests, insert, [.. Enumerable.Range(0, 25).Select(i => ("a", $"{i}")), ("b", "0")]), Cancel);
        Assert.Equal(25, fake.Server.Data["a"].Count);
        Assert.Equal(["BATCH", "BATCH", "BATCH", "EXECUTE"], fake.Server.Requests.Where(request => request.Kind != "PREPARE").Select(request => request.Kind).Order());
        Assert.All(fake.Server.Requests.Where(request => request.Kind != "PREPARE"), request => Assert.Equal(ConsistencyLevel.LocalQuorum, request.Consistency));
    }

    [Fact]
    public async Task What_the_server_refuses_is_final_whatever_else_went_wrong()
    {
        await using var fake = await FakeClusterFixture.StartAsync(1);
        using var requests = Requests(fake);
        var insert = await InsertAsync(fake);
        fake.Server.Faults.Add(request => request.Key == "slow", new CqlFault.WriteTimeout());
        fake.Server.Faults.Add(request => request.Key == "wrong", new CqlFault.Error(0x2200));
        await Assert.ThrowsAsync<InvalidQueryException>(() => requests.WriteAsync("rows", Batches(requests, insert, ("slow", "1"), ("wrong", "2")), Cancel));
    }

    [Fact]
    public async Task Requests_in_flight_are_bounded_over_all_callers()
    {
        await using var fake = await FakeClusterFixture.StartAsync(1);
        using var requests = Requests(fake);
        var insert = await InsertAsync(fake);
        TaskCompletionSource late = new();
        fake.Server.Faults.Add(request => request.Kind == "EXECUTE", new CqlFault.Late(late.Task));
        var writes = Enumerable.Range(0, 3)
            .Select(caller => requests.WriteAsync("rows", Batches(requests, insert, [.. Enumerable.Range(0, 20).Select(i => ($"{caller}-{i}", ""))]), Cancel)).ToArray();
        await FakeClusterFixture.EventuallyAsync(() => Sent() == 4, "four are under way");
        await fake.Session.ExecuteAsync(new SimpleStatement("SELECT k, v1 FROM ks.t")); // goes behind whatever has been sent
        Assert.Equal(4, Sent());
        late.SetResult();
        await Task.WhenAll(writes);
        Assert.Equal(60, fake.Server.Data.Count);

        int Sent() => fake.Server.Requests.Count(request => request.Kind == "EXECUTE");
    }

    private static SeriesRequests Requests(FakeClusterFixture fake) => new(fake.Session, new CassandraSeriesOptions { MaxInFlight = 4, RowsPerRequest = 10 });

    private static async Task<PreparedStatement> InsertAsync(FakeClusterFixture fake) =>
        (await fake.Session.PrepareAsync(FakeClusterFixture.Insert)).SetIdempotence(true).SetConsistencyLevel(ConsistencyLevel.LocalQuorum);

    private static IEnumerable<IStatement> Batches(SeriesRequests requests, PreparedStatement insert, params (string Key, string Value)[] rows) =>
        requests.Batches(insert, rows, row => row.Key, row => [row.Key, row.Value]);
}
