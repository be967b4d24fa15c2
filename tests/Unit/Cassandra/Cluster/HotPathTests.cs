using System.Diagnostics.Metrics;
using System.Net;
using Cassandra;
using Cassandra.Protocol;
using StreamPlatform.TestCassandra;

namespace StreamPlatform.Tests.Unit.Cassandra;

/// <summary>What one request costs above the connection, and what is counted of it.</summary>
public sealed class HotPathTests
{
    private const int BytesPerRequest = 900;

    [Fact]
    public async Task A_bound_statement_costs_few_bytes_and_no_further_task()
    {
        await using CqlCluster server = await CqlCluster.StartAsync(3);
        Configuration configuration = global::Cassandra.Cluster.Builder().AddContactPoint(server.Nodes[0].Address).BuildConfiguration();
        await using Cluster cluster = new(configuration, new AnsweringFactory());
        ISession session = await cluster.ConnectAsync();
        PreparedStatement insert = (await session.PrepareAsync(FakeClusterFixture.Insert)).SetIdempotence(true);
        object?[] values = ["key", "value"];
        long Allocate(int requests)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int i = 0; i < requests; i++)
            {
                Assert.True(session.ExecuteAsync(insert.Bind(values)).IsCompletedSuccessfully);
            }
            return GC.GetAllocatedBytesForCurrentThread() - before;
        }
        Allocate(2000);
        long perRequest = Allocate(10_000) / 10_000;
        TestContext.Current.TestOutputHelper?.WriteLine($"{perRequest} bytes per request, Bind included");
        Assert.InRange(perRequest, 1, BytesPerRequest);
    }

    [Fact]
    public async Task Requests_errors_and_retries_are_counted_by_class()
    {
        await using FakeClusterFixture fake = await FakeClusterFixture.StartAsync(1);
        PreparedStatement insert = await fake.Session.PrepareAsync(FakeClusterFixture.Insert);
        List<string> seen = [];
        using MeterListener listener = new();
        listener.InstrumentPublished = (instrument, self) =>
        {
            if (instrument.Meter.Name == ClientMetrics.MeterName)
            {
                self.EnableMeasurementEvents(instrument);
            }
        };
        listener.SetMeasurementEventCallback<long>((instrument, _, tags, _) =>
        {
            lock (seen)
            {
                seen.Add(tags.IsEmpty ? instrument.Name : $"{instrument.Name}:{tags[0].Value}");
            }
        });
        listener.Start();
        fake.Server.Faults.Add(request => request.Key == "counted", new CqlFault.Error(0x1001), times: 1);
        await fake.Session.ExecuteAsync(insert.Bind("counted", ""));
        listener.RecordObservableInstruments();
        Assert.Superset(
            new HashSet<string> { "cassandra.requests", "cassandra.errors:overloaded", "cassandra.retries:overloaded", "cassandra.in_flight", "cassandra.connections" },
            seen.ToHashSet());
    }

    /// <summary>Real connections that answer EXECUTE themselves, so that only the cluster layer is measured.</summary>
    private sealed class AnsweringFactory : IConnectionFactory
    {
        public async Task<IConnection> OpenAsync(IPEndPoint endPoint, ConnectionOptions options, CancellationToken ct) =>
            new AnsweringConnection(await new ConnectionFactory().OpenAsync(endPoint, options, ct));
    }

    private sealed class AnsweringConnection(IConnection inner) : IConnection
    {
        public event Action<EventResponse>? Event
        {
            add => inner.Event += value;
            remove => inner.Event -= value;
        }

        public EndPoint EndPoint => inner.EndPoint;

        public int InFlight => inner.InFlight;

        public int MaxInFlight => inner.MaxInFlight;

        public bool IsOpen => inner.IsOpen;

        public Task Closed => inner.Closed;

        public ValueTask<Response> SendAsync(Request request, TimeSpan timeout, CancellationToken ct) =>
            request is ExecuteRequest ? new ValueTask<Response>(VoidResult.Instance) : inner.SendAsync(request, timeout, ct);

        public ValueTask DisposeAsync() => inner.DisposeAsync();
    }
}
