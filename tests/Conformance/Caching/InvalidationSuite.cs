using System.Diagnostics;
using Confluent.Kafka;
using Microsoft.Extensions.Logging.Abstractions;
using StreamPlatform.Gateway;
using StreamPlatform.Gateway.Kafka;
using StreamPlatform.Gateway.Results;
using StreamPlatform.Hosting;
using StreamPlatform.Schemas;
using StreamPlatform.Services;
using StreamPlatform.Tests.Conformance.Broker;
using StreamPlatform.Topology.Caching;
using StreamPlatform.Topology.Ports;

namespace StreamPlatform.Tests.Conformance.Caching;

/// <summary>
/// What the persistence service tells of changed sessions reaches the caches of every gateway over the real topic. Each "gateway" is a results cache with its own consumer and nothing
/// shared, so that only the topic can tell it. Lifetimes are an hour: what disappears within the test was told.
/// </summary>
public abstract class InvalidationSuite : IResultsReader
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly IBrokerUnderTest broker;
    private readonly InMemorySchemaRegistryClient registry = new();
    private readonly string id = Guid.NewGuid().ToString("N");
    private int version = 1;

    protected InvalidationSuite(IBrokerUnderTest broker)
    {
        this.broker = broker;
        if (broker.SkipReason is { } reason) Assert.Skip(reason);
    }

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_changed_session_disappears_from_the_caches_of_all_instances_and_others_stay()
    {
        await using var stage = await StartAsync();
        await using var one = await stage.GatewayAsync(this);
        await using var other = await stage.GatewayAsync(this);
        Assert.All(await Task.WhenAll(one.ReadAsync(id), other.ReadAsync(id), one.ReadAsync("stays"), other.ReadAsync("stays")), v => Assert.Equal(1, v));
        version = 2;
        Assert.Equal((1, 1), (await one.ReadAsync(id), await other.ReadAsync(id))); // nobody has told them
        stage.Changes.Tell([id, id]);
        await one.ExpectAsync(id, 2);
        await other.ExpectAsync(id, 2);
        Assert.Equal((1, 1), (await one.ReadAsync("stays"), await other.ReadAsync("stays")));
    }

    [Fact]
    public async Task An_instance_that_starts_late_keeps_nothing_that_it_read_before_it_could_hear()
    {
        await using var stage = await StartAsync();
        await using var late = stage.DeafGateway(this);
        Assert.Equal(1, await late.ReadAsync(id)); // a request, or the warm start, before the consumer has its place
        version = 2;
        stage.Changes.Tell([id]);
        await stage.DeliveredAsync();
        Assert.Equal(1, await late.ReadAsync(id));
        await late.ListenAsync(); // from the topic's end: the news is behind it
        await late.ExpectAsync(id, 2);
    }

    [Fact]
    public async Task A_consumer_that_was_cut_by_the_brokers_death_misses_nothing()
    {
        await using var stage = await StartAsync();
        await using var gateway = await stage.GatewayAsync(this);
        Assert.Equal(1, await gateway.ReadAsync(id));
        version = 2;
        await broker.CrashAndRestartAsync();
        stage.Changes.Tell([id]);
        await gateway.ExpectAsync(id, 2);
    }

    Task<IReadOnlyList<SessionRow>> IResultsReader.ListSessionsAsync(SessionPage page, CancellationToken cancellationToken) => Task.FromResult<IReadOnlyList<SessionRow>>([]);

    Task<InterviewResults?> IResultsReader.GetResultsAsync(string sessionId, CancellationToken cancellationToken) => Task.FromResult<InterviewResults?>(new(
        new(sessionId, "t", "c", "Jane", "Engineer", "US", "completed", 0, 0, 0, version), [], [], [], [], [], 0, "test",
        new(1, 2, 3, 4, 5, "happy", null, 6, 7, 8, 9, 10, 11, false, [], 12, 13)));

    private async Task<Stage> StartAsync()
    {
        using var admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = broker.BootstrapServers }).SetLogHandler((_, _) => { }).Build();
        await TopicCatalogue.EnsureAsync(admin, new(), Ct);
        return new Stage(broker.BootstrapServers, registry);
    }

    /// <summary>The persistence service's side, and what gateways connect to.</summary>
    private sealed class Stage(string bootstrapServers, ISchemaRegistryClient registry) : IAsyncDisposable
    {
        private readonly EventProducer events = new(bootstrapServers, registry, NullLogger.Instance);

        public SessionChanges Changes => new(events, new NoTier(), TimeProvider.System);

        public Instance DeafGateway(IResultsReader stored) => new(stored, bootstrapServers, registry);

        public async Task<Instance> GatewayAsync(IResultsReader stored)
        {
            var gateway = DeafGateway(stored);
            await gateway.ListenAsync();
            return gateway;
        }

        /// <summary>Ends when a consumer can see on the topic what was told so far.</summary>
        public async Task DeliveredAsync()
        {
            using var consumer = new ConsumerBuilder<byte[], byte[]>(new ConsumerConfig { BootstrapServers = bootstrapServers, GroupId = "looks", AutoOffsetReset = AutoOffsetReset.Earliest }).Build();
            consumer.Assign(Enumerable.Range(0, Topics.All.First(t => t.Name == Topics.CacheInvalidations).Partitions).Select(p => new TopicPartitionOffset(Topics.CacheInvalidations, p, Offset.Beginning)));
            await Task.Run(() => Assert.NotNull(consumer.Consume(Patience)), Ct);
        }

        public ValueTask DisposeAsync()
        {
            events.Dispose();
            return ValueTask.CompletedTask;
        }
    }

    /// <summary>A gateway's cache of results, with its consumer.</summary>
    private sealed class Instance : IAsyncDisposable
    {
        private readonly CachedResults results;
        private readonly CaughtUpTail tail;
        private readonly ChangedSessions following;

        public Instance(IResultsReader stored, string bootstrapServers, ISchemaRegistryClient registry)
        {
            results = new(stored, new NoTier(), TimeProvider.System);
            tail = new(new KafkaEventTail(
                new GatewayOptions { BootstrapServers = bootstrapServers }, new RegistryEventCodec(registry), new GatewayMetrics(), TimeProvider.System, NullLogger<KafkaEventTail>.Instance));
            following = new(tail, results);
        }

        public async Task<int> ReadAsync(string session) => (int)(await results.GetResultsAsync(session, Ct))!.Session.UpdatedAtMs;

        public async Task ListenAsync()
        {
            await following.StartAsync(Ct);
            await tail.CaughtUp.WaitAsync(Patience, Ct);
        }

        public async Task ExpectAsync(string session, int version)
        {
            for (var since = Stopwatch.GetTimestamp(); await ReadAsync(session) != version; await Task.Delay(20, Ct))
            {
                Assert.True(Stopwatch.GetElapsedTime(since) < Patience, "the change was not told, or not heard");
            }
        }

        public async ValueTask DisposeAsync()
        {
            await following.StopAsync(CancellationToken.None);
            following.Dispose();
            results.Dispose();
        }
    }

    private sealed class CaughtUpTail(IEventTail tail) : IEventTail
    {
        private readonly TaskCompletionSource caughtUp = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task CaughtUp => caughtUp.Task;

        public Task RunAsync(IReadOnlyList<string> topics, TailStart start, Action<TailRecord> onRecord, Action onCaughtUp, CancellationToken cancellationToken) => tail.RunAsync(
            topics, start, onRecord,
            () =>
            {
                onCaughtUp();
                caughtUp.TrySetResult();
            },
            cancellationToken);
    }
}

/// <summary>On Apache Kafka, the judge.</summary>
[Trait("Run", "all")] // takes long: `test --all` runs it, and `test` when it is asked for by name
public sealed class InvalidationOnApacheKafka(ApacheKafkaFixture kafka) : InvalidationSuite(kafka), IClassFixture<ApacheKafkaFixture>;

/// <summary>On the embedded broker.</summary>
public sealed class InvalidationOnEmbeddedBroker(EmbeddedBrokerFixture embedded) : InvalidationSuite(embedded), IClassFixture<EmbeddedBrokerFixture>;
