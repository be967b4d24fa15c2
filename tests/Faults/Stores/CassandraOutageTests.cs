using Cassandra;
using Microsoft.Extensions.Logging.Abstractions;
using StreamPlatform.EmotionSeries;
using StreamPlatform.Tests.Conformance.Cassandra;
using StreamPlatform.Topology.Ports;

namespace StreamPlatform.Tests.Faults.Stores;

/// <summary>Cassandra away: emotions wait in Kafka, and what is relational goes on being stored in PostgreSQL.</summary>
[Collection("Store faults")]
public sealed class CassandraOutageTests : StoreOutage
{
    private protected override async Task<IStoreUnderTest> StartAsync(SinkStage stage)
    {
        var node = new CassandraFixture();
        node.SkipIfMissing();
        await node.InitializeAsync();
        return new Series(node, await StorePostgres.StartAsync());
    }

    private sealed class Series(CassandraFixture node, StorePostgres server) : IStoreUnderTest
    {
        private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

        public string Name => "cassandra";

        public IReadOnlyList<string> Arguments => ["--postgres", server.ConnectionString, "--cassandra", node.EndPoint.ToString()];

        public Task KillAsync() => node.CrashAsync();

        public Task StartAgainAsync() => node.StartAsync();

        // Whether there is any row: counting all of them again and again is what brings a node of 512 MB down, and the end of the test compares every row anyway.
        public async Task<long> EmotionsAsync()
        {
            try
            {
                await using var cluster = Cluster.Builder().AddContactPoint(node.EndPoint).WithQueryTimeout((int)Patience.TotalMilliseconds).Build();
                await using var session = await cluster.ConnectAsync();
                var rows = await session.ExecuteAsync(new SimpleStatement($"SELECT sequence FROM {Options().Keyspace}.emotions_by_session LIMIT 1"));
                return rows.ToList().Count > 0 ? long.MaxValue : 0;
            }
            catch (DriverException)
            {
                return 0; // no table yet, or just started: asked again
            }
        }

        public async Task<string?> DifferenceAsync(SinkLoad load)
        {
            await using var series = await CassandraSeries.OpenAsync(Options(), NullLoggerFactory.Instance, CancellationToken.None);
            for (var session = 0; session < load.Sessions; session++)
            {
                var (after, frame) = (EmotionPages.Beginning, 0);
                while (await series.Reader.ReadEmotionsAsync(SinkLoad.Id(session), after, EmotionPages.MaxPage, CancellationToken.None) is { Count: > 0 } page)
                {
                    foreach (var row in page)
                    {
                        var expected = SinkLoad.Emotion(session, frame++);
                        if (!row.Equals(expected)) return $"found    {row}\nexpected {expected}";
                    }

                    after = page[^1].Sequence;
                }

                if (frame != load.Emotions / load.Sessions) return $"session {session} has {frame} rows, expected {load.Emotions / load.Sessions}";
            }

            return await StoredRows.RelationalDifferenceAsync(server.Database, load);
        }

        public async ValueTask DisposeAsync()
        {
            await node.DisposeAsync();
            await server.DisposeAsync();
        }

        private CassandraSeriesOptions Options() => new() { ContactPoints = node.EndPoint.ToString() };
    }
}
