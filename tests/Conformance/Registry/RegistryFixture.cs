using Confluent.Kafka;
using StreamPlatform.Registry;
using StreamPlatform.Schemas;
using StreamPlatform.Tests.Conformance.Broker;

namespace StreamPlatform.Tests.Conformance.Registry;

/// <summary>One Kafka and one registry on it, for all classes of a collection; each test has subjects and topics of its own.</summary>
public abstract class RegistryFixture(IBrokerUnderTest kafka) : IAsyncLifetime
{
    private SchemaRegistryServer? server;

    public string? SkipReason => kafka.SkipReason;

    public string BootstrapServers => kafka.BootstrapServers;

    public string Url => server!.Url;

    public static string Unique(string prefix) => $"{prefix}-{Guid.NewGuid():N}";

    public async ValueTask InitializeAsync()
    {
        if (SkipReason is null)
        {
            await ((IAsyncLifetime)kafka).InitializeAsync();
            server = await SchemaRegistryServer.StartAsync(Options());
        }
    }

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        if (server is not null)
        {
            await server.DisposeAsync();
        }

        await ((IAsyncDisposable)kafka).DisposeAsync();
    }

    public void SkipIfMissing() => Assert.SkipWhen(SkipReason is not null, SkipReason ?? "");

    public RegistryOptions Options(string topic = "_schemas") => new() { BootstrapServers = BootstrapServers, Port = 0, Topic = topic };

    public CachedSchemaRegistryClient Client(string? url = null) => new(new() { Url = url ?? Url, MaxRetries = 0 });

    public IAdminClient Admin() => new AdminClientBuilder(new AdminClientConfig { BootstrapServers = BootstrapServers }).SetLogHandler((_, _) => { }).Build();
}

/// <summary>On Apache Kafka, the judge.</summary>
public sealed class ApacheKafkaRegistry() : RegistryFixture(new ApacheKafkaFixture());

/// <summary>On the platform's own broker.</summary>
public sealed class EmbeddedBrokerRegistry() : RegistryFixture(new EmbeddedBrokerFixture());

[CollectionDefinition(Name)]
public sealed class OnApacheKafka : ICollectionFixture<ApacheKafkaRegistry>
{
    public const string Name = "registry on Apache Kafka";
}

[CollectionDefinition(Name)]
public sealed class OnEmbeddedBroker : ICollectionFixture<EmbeddedBrokerRegistry>
{
    public const string Name = "registry on the embedded broker";
}
