using Confluent.Kafka;
using StreamPlatform.Schemas;

namespace StreamPlatform.Hosting;

/// <summary>The catalogue's topics and schemas, made where they are missing.</summary>
public static class PlatformTopics
{
    /// <returns>Topics created and schemas registered.</returns>
    /// <exception cref="KafkaException">Kafka did not answer.</exception>
    /// <exception cref="TopicMismatchException">A topic is there with another number of partitions.</exception>
    public static async Task<(int Topics, int Schemas)> EnsureAsync(string bootstrapServers, ISchemaRegistryClient registry, PlatformOptions options, CancellationToken ct)
    {
        using var admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = bootstrapServers }).Build();
        var created = await TopicCatalogue.EnsureAsync(admin, new TopicCatalogueOptions { ReplicationFactor = options.ReplicationFactor }, ct);
        var schemas = await SchemaCatalogue.RegisterAllAsync(registry, null, ct);
        return (created.Count, schemas.Count);
    }
}
