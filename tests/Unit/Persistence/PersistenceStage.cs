using Confluent.Kafka;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using StreamPlatform.Broker;
using StreamPlatform.Hosting;
using StreamPlatform.Observability;
using StreamPlatform.Schemas;
using StreamPlatform.Services;
using StreamPlatform.Tests.Unit.Postgres;

namespace StreamPlatform.Tests.Unit.Persistence;

/// <summary>The embedded broker with every topic, an empty database and a folder of media; the persistence service is started on them, as often as a test wants.</summary>
[Collection(PostgresCollection.Name)]
public abstract class PersistenceStage(PostgresFixture postgres) : IAsyncLifetime
{
    private readonly string folder = Directory.CreateTempSubdirectory("persistence-").FullName;
    private readonly InMemorySchemaRegistryClient registry = new();
    private string database = "";
    private KafkaBroker broker = null!;

    protected static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private protected JumpingTime Time { get; } = new();

    protected string Kafka => broker.BootstrapServers;

    /// <summary>Connection string of the database.</summary>
    protected string Database => database;

    public async ValueTask InitializeAsync()
    {
        database = await postgres.CreateDatabaseAsync();
        broker = await KafkaBroker.StartAsync(new() { DataDirectory = Path.Combine(folder, "kafka") }, TimeProvider.System, NullLoggerFactory.Instance);
        using var admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = Kafka }).Build();
        await TopicCatalogue.EnsureAsync(admin, new(), CancellationToken.None);
    }

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        await broker.DisposeAsync();
        Directory.Delete(folder, recursive: true);
    }

    /// <summary>One process of the service; its workers run from now on.</summary>
    protected async Task<Instance> StartAsync()
    {
        var options = new PlatformOptions { Data = Path.Combine(folder, "data") };
        Directory.CreateDirectory(options.Data);
        var context = new ServiceContext(options, registry, Kafka, ct => Stores.OpenAsync(database, options, Time, NullLoggerFactory.Instance, ct), Time, NullLoggerFactory.Instance);
        return new(context, await PersistenceService.OpenAsync(context, Cancel));
    }

    protected async Task RunSqlAsync(string sql)
    {
        await using var source = NpgsqlDataSource.Create(database);
        await using var command = source.CreateCommand(sql);
        await command.ExecuteNonQueryAsync(Cancel);
    }

    /// <param name="condition">Waited for, at most 60 s.</param>
    /// <param name="what">What is told then; asked for only then, so that it may tell how things are.</param>
    protected static async Task UntilAsync(Func<Task<bool>> condition, Func<string> what)
    {
        var since = TimeProvider.System.GetTimestamp();
        while (!await condition())
        {
            if (TimeProvider.System.GetElapsedTime(since) >= TimeSpan.FromSeconds(60))
            {
                Assert.Fail(what());
            }

            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, Cancel);
        }
    }

    /// <param name="Context">Options, stores, health.</param>
    /// <param name="Opened">Its stream applications, not started.</param>
    protected sealed record Instance(ServiceContext Context, IReadOnlyList<Processor> Opened) : IAsyncDisposable
    {
        public string Recordings => RecordingHealth.Detail;

        public HealthReport RecordingHealth => Context.HealthSources.Single(h => h.Name == "recordings").Check();

        public ValueTask DisposeAsync() => Context.DisposeAsync();
    }
}
