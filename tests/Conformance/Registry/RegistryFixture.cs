using Confluent.Kafka;
using StreamPlatform.Registry;
using StreamPlatform.Schemas;
using StreamPlatform.Tests.Conformance.Broker;

namespace StreamPlatform.Tests.Conformance.Registry;

/// <summary>One Kafka and one registry on it, for all classes of the collection; each test has subjects and topics of its own.</summary>
public sealed class RegistryFixture : IAsyncLifetime
{
    private readonly ApacheKafkaFixture kafka = new();
    private SchemaRegistryServer? server;

    public string? SkipReason => kafka.SkipReason;

    public string BootstrapServers => kafka.BootstrapServers;

    public string Url => server!.Url;

    public static string Unique(string prefix) => $"{prefix}-{Guid.NewGuid():N}";

    public async ValueTask InitializeAsync()
    {
        if (SkipReason is null)
        {
            await kafka.InitializeAsync();
            server = await SchemaRegistryServer.StartAsync(Options());
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (server is not null)
        {
            await server.DisposeAsync();
        }

        await kafka.DisposeAsync();
    }

    public void SkipIfMissing() => Assert.SkipWhen(SkipReason is not null, SkipReason ?? "");

    public RegistryOptions Options(string topic = "_schemas") => new() { BootstrapServers = BootstrapServers, Port = 0, Topic = topic };

    public CachedSchemaRegistryClient Client(string? url = null) => new(new() { Url = url ?? Url, MaxRetries = 0 });

    public IAdminClient Admin() => new AdminClientBuilder(new AdminClientConfig { BootstrapServers = BootstrapServers }).SetLogHandler((_, _) => { }).Build();
}

[CollectionDefinition(Name)]
public sealed class RegistryCollection : ICollectionFixture<RegistryFixture>
{
    public const string Name = "registry on Apache Kafka";
}
