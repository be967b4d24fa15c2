using Cassandra;
using Microsoft.Extensions.Logging.Abstractions;
using StreamPlatform.EmotionSeries;
using StreamPlatform.Schemas.V1;
using StreamPlatform.Streams;
using StreamPlatform.Tests.Conformance.Cassandra;
using StreamPlatform.Tests.Unit.EmotionSeries;
using StreamPlatform.Topology.Ports;

namespace StreamPlatform.Tests.Conformance.EmotionSeries;

/// <summary>The contract of the emotion series on Apache Cassandra, and what only its tables do.</summary>
[Collection(OnCassandra.Name)]
public sealed class CassandraEmotionSeriesTests(CassandraFixture cassandra) : EmotionSeriesContract, IAsyncLifetime
{
    private CassandraSeries _series = null!;

    protected override IEmotionSeriesStore Store => _series.Store;

    protected override IEmotionSeriesReader Reader => _series.Reader;

    public async ValueTask InitializeAsync()
    {
        cassandra.SkipIfMissing();
        _series = await OpenAsync(Options());
    }

    public async ValueTask DisposeAsync()
    {
        if (_series is not null)
        {
            await _series.DisposeAsync();
        }
    }

    [Fact]
    public async Task Instances_that_start_together_make_one_schema_and_read_each_others_rows()
    {
        var keyspace = NewKeyspace();
        var all = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => OpenAsync(Options(keyspace))));
        foreach (var one in all)
        {
            await one.Store.WriteEmotionsAsync([Observation(Array.IndexOf(all, one))], Cancel);
        }

        Assert.All(await Task.WhenAll(all.Select(one => one.Reader.CountEmotionsAsync(Observation(0).SessionId, Cancel))), count => Assert.Equal(4, count));
        await using var cluster = Connect();
        await using var session = await cluster.ConnectAsync();
        var tables = await session.ExecuteAsync(new SimpleStatement($"SELECT table_name, id FROM system_schema.tables WHERE keyspace_name = '{keyspace}'"));
        Assert.All(tables.ToList(), row => Assert.Equal(SeriesSchema.Id(keyspace, row.GetValue<string>(0)), row.GetValue<Guid>(1)));
        await DropAsync(keyspace, all);
    }

    [Fact]
    public async Task Rows_live_as_long_as_the_retention_says_and_a_new_retention_is_taken_over()
    {
        var keyspace = NewKeyspace();
        var options = Options(keyspace);
        options.Retention = TimeSpan.FromDays(96);
        var first = await OpenAsync(options);
        await first.Store.WriteEmotionsAsync([Observation(1)], Cancel);
        options.Retention = TimeSpan.FromDays(30);
        var second = await OpenAsync(options);
        await second.Store.WriteEmotionsAsync([Observation(2)], Cancel);

        await using var cluster = Connect();
        await using var session = await cluster.ConnectAsync();
        var lives = (await session.ExecuteAsync(new SimpleStatement($"SELECT ttl(dominant) FROM {keyspace}.emotions_by_session"))).ToList().Select(row => row.GetValue<int>(0)).Order().ToList();
        Assert.InRange(lives[0], (30 * 86_400) - 300, 30 * 86_400);
        Assert.InRange(lives[1], (96 * 86_400) - 300, 96 * 86_400);
        var compaction = (await session.ExecuteAsync(new SimpleStatement($"SELECT compaction FROM system_schema.tables WHERE keyspace_name = '{keyspace}' AND table_name = 'emotions_by_session'")))
            .ToList()[0].GetValue<IDictionary<string, string>>(0);
        Assert.EndsWith("TimeWindowCompactionStrategy", compaction["class"], StringComparison.Ordinal);
        Assert.Equal("1", compaction["compaction_window_size"]);
        await DropAsync(keyspace, first, second);
    }

    [Fact]
    public async Task No_row_and_no_deletion_of_another_session_costs_a_read_a_tombstone()
    {
        EmotionObserved[] nobody = [.. Enumerable.Range(0, 500).Select(n => new EmotionObserved { SessionId = Observation(0).SessionId, Tenant = Observation(0).Tenant, Sequence = n, CapturedAtMs = 1_772_625_600_000 })];
        await Store.WriteEmotionsAsync(nobody, Cancel);

        await using var cluster = Connect();
        await using var session = await cluster.ConnectAsync();
        var read = new SimpleStatement($"SELECT * FROM {Options().Keyspace}.emotions_by_session WHERE session_id = ? AND bucket = 0", nobody[0].SessionId);
        read.EnableTracing();
        var trace = await (await session.ExecuteAsync(read)).Info.QueryTrace!.LoadAsync(Cancel);
        Assert.Contains(trace.Events, happened => happened.Description?.Contains("0 tombstone", StringComparison.Ordinal) == true);
    }

    [Fact]
    public async Task Sessions_beyond_UTF16_s_surrogates_are_in_the_same_order_on_the_server_and_here()
    {
        var (low, high) = ("\uFFEE", "\U0001F642"); // by code points low < high, by UTF-16 high < low
        await Store.WriteWindowsAsync([Window(1_772_625_600_000, session: high), Window(1_772_625_600_000, session: low)], Cancel);

        var first = Assert.Single(await Reader.ReadDayAsync(Observation(0).Tenant, new DateOnly(2026, 3, 4), null, 1, Cancel));
        Assert.Equal(low, first.Window.SessionId);
        Assert.Equal(high, Assert.Single(await Reader.ReadDayAsync(Observation(0).Tenant, new DateOnly(2026, 3, 4), first.Position, 1, Cancel)).Window.SessionId);
        await Store.DeleteSessionAsync(low, Cancel);
        await Store.DeleteSessionAsync(high, Cancel);
    }

    [Fact]
    public async Task What_cannot_be_opened_says_what_to_fix()
    {
        var nowhere = Options();
        nowhere.ContactPoints = "127.0.0.1:1";
        Assert.Contains("check --cassandra", (await Assert.ThrowsAsync<CassandraSeriesException>(() => OpenAsync(nowhere))).Message, StringComparison.Ordinal);
    }

    private static string NewKeyspace() => $"k{Guid.NewGuid():n}";

    // One keyspace for the class: the contract's rows have names of their own.
    private CassandraSeriesOptions Options(string keyspace = "emotion_series_contract") => new() { ContactPoints = cassandra.EndPoint.ToString(), Keyspace = keyspace };

    private static Task<CassandraSeries> OpenAsync(CassandraSeriesOptions options) => CassandraSeries.OpenAsync(options, NullLoggerFactory.Instance, Cancel);

    private Cluster Connect() => Cluster.Builder().AddContactPoint(cassandra.EndPoint).Build();

    private async Task DropAsync(string keyspace, params CassandraSeries[] opened)
    {
        foreach (var one in opened)
        {
            await one.DisposeAsync();
        }

        await using var cluster = Connect();
        await using var session = await cluster.ConnectAsync();
        await session.ExecuteAsync(new SimpleStatement($"DROP KEYSPACE {keyspace}"));
    }
}

/// <summary>A node that goes away and comes back under the series. A node of its own.</summary>
public sealed class CassandraEmotionSeriesOutageTests : IAsyncLifetime
{
    private readonly CassandraFixture cassandra = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync()
    {
        cassandra.SkipIfMissing();
        return cassandra.InitializeAsync();
    }

    public ValueTask DisposeAsync() => cassandra.DisposeAsync();

    [Fact]
    [Trait("Run", "all")]
    public async Task A_node_killed_under_load_fails_writes_as_transient_and_repeating_them_ends_with_every_row_once()
    {
        await using var series = await CassandraSeries.OpenAsync(
            new() { ContactPoints = cassandra.EndPoint.ToString(), RequestTimeout = TimeSpan.FromSeconds(2) }, NullLoggerFactory.Instance, Cancel);
        var failures = 0;
        var writing = Task.Run(async () =>
        {
            for (var batch = 0; batch < 200; batch++)
            {
                EmotionObserved[] rows = [.. Enumerable.Range(batch * 100, 100).Select(n => new EmotionObserved { SessionId = $"s{n % 7}", Tenant = "t", Sequence = n, CapturedAtMs = 1 })];
                while (true)
                {
                    try
                    {
                        await series.Store.WriteEmotionsAsync(rows, Cancel);
                        break;
                    }
                    catch (TransientException)
                    {
                        failures++;
                        await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, Cancel);
                    }
                }
            }
        }, Cancel);
        await cassandra.CrashAsync();
        await Assert.ThrowsAsync<TransientException>(() => series.CheckAsync(Cancel));
        await cassandra.StartAsync();
        await writing;

        Assert.True(failures > 0, "the node was away without a write that noticed");
        var counts = await Task.WhenAll(Enumerable.Range(0, 7).Select(n => series.Reader.CountEmotionsAsync($"s{n}", Cancel)));
        Assert.Equal(20_000, counts.Sum());
        // at its start the node prepares again what it knew: nothing of it may be without a keyspace
        Assert.DoesNotContain(await cassandra.LogAsync(), line => line.Contains("ERROR", StringComparison.Ordinal));
    }
}
