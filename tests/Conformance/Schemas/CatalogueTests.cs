using Confluent.Kafka;
using Confluent.Kafka.Admin;
using StreamPlatform.Schemas;
using StreamPlatform.Schemas.V1;
using StreamPlatform.Tests.Conformance.Broker;
using StreamPlatform.Tests.Conformance.Registry;

namespace StreamPlatform.Tests.Conformance.Schemas;

/// <summary>The catalogues on a Kafka of their own: they create topics with fixed names.</summary>
public abstract class CatalogueTests
{
    private readonly IBrokerUnderTest kafka;

    protected CatalogueTests(IBrokerUnderTest kafka)
    {
        this.kafka = kafka;
        Assert.SkipWhen(kafka.SkipReason is not null, kafka.SkipReason ?? "");
    }

    [Fact]
    public async Task Topics_are_created_once_as_the_catalogue_says_and_a_wrong_one_is_named()
    {
        using IAdminClient admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = kafka.BootstrapServers }).SetLogHandler((_, _) => { }).Build();
        IReadOnlyList<string> created = await TopicCatalogue.EnsureAsync(admin, cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(TopicCatalogue.Specifications(new()).Select(t => t.Name), created);
        Assert.Empty(await TopicCatalogue.EnsureAsync(admin));

        Assert.Equal(12, admin.GetMetadata(Topics.Frames, TimeSpan.FromSeconds(10)).Topics.Single().Partitions.Count);
        Assert.Equal(12, admin.GetMetadata("capture.frames.v1.dlq", TimeSpan.FromSeconds(10)).Topics.Single().Partitions.Count);
        Assert.Equal(("delete", "86400000"), await ConfigAsync(admin, Topics.Frames));
        Assert.Equal(("compact", "-1"), await ConfigAsync(admin, Topics.Sessions));

        await admin.DeleteTopicsAsync([Topics.Scores]);
        await RecreateAsync(admin, Topics.Scores, partitions: 3);
        TopicMismatchException e = await Assert.ThrowsAsync<TopicMismatchException>(() => TopicCatalogue.EnsureAsync(admin));
        Assert.Equal(Topics.Scores, e.Topic);
        Assert.Contains("'analysis.scores.v1' has 3 partitions, the catalogue says 12", e.Message, StringComparison.Ordinal);
    }

    private static async Task<(string Policy, string RetentionMs)> ConfigAsync(IAdminClient admin, string topic)
    {
        List<DescribeConfigsResult> configs = await admin.DescribeConfigsAsync([new ConfigResource { Type = ResourceType.Topic, Name = topic }]);
        return (configs.Single().Entries["cleanup.policy"].Value, configs.Single().Entries["retention.ms"].Value);
    }

    private static async Task RecreateAsync(IAdminClient admin, string topic, int partitions)
    {
        for (int attempt = 0; ; attempt++)
        {
            try
            {
                await admin.CreateTopicsAsync([new TopicSpecification { Name = topic, NumPartitions = partitions, ReplicationFactor = 1 }]);
                break;
            }
            catch (CreateTopicsException) when (attempt < 50)
            {
                await Task.Delay(100); // its deletion is under way
            }
        }

        // the broker's metadata follows the controller's with a delay
        for (int attempt = 0; attempt < 100 && admin.GetMetadata(TimeSpan.FromSeconds(10)).Topics.Find(t => t.Topic == topic)?.Partitions.Count != partitions; attempt++)
        {
            await Task.Delay(100);
        }
    }
}

[Trait("Run", "all")] // the embedded broker's twin always runs
public sealed class CatalogueOnApacheKafka(ApacheKafkaFixture kafka) : CatalogueTests(kafka), IClassFixture<ApacheKafkaFixture>;

public sealed class CatalogueOnEmbeddedBroker(EmbeddedBrokerFixture kafka) : CatalogueTests(kafka), IClassFixture<EmbeddedBrokerFixture>;

/// <summary>The schema catalogue on a registry.</summary>
[Collection(OnEmbeddedBroker.Name)]
public sealed class SchemaCatalogueTests
{
    private readonly RegistryFixture fixture;

    public SchemaCatalogueTests(EmbeddedBrokerRegistry fixture)
    {
        this.fixture = fixture;
        fixture.SkipIfMissing();
    }

    [Fact]
    public async Task Every_topic_has_its_schema_and_serializers_then_need_not_wait()
    {
        using CachedSchemaRegistryClient client = fixture.Client();
        IReadOnlyList<RegisteredTopic> registered = await SchemaCatalogue.RegisterAllAsync(client);
        Assert.Equal(Topics.All.Select(t => t.Name), registered.Select(r => r.Topic));
        IReadOnlyList<string> subjects = await client.GetAllSubjectsAsync();
        Assert.Contains("streamplatform/v1/common.proto", subjects);
        Assert.Contains("interview.reports.v1-value", subjects);

        byte[] bytes = new ProtobufSerializer<AnswerScored>(client).Serialize(Topics.Scores, new AnswerScored { AnswerId = "s/0" });
        WireFormat.ReadPrefix(bytes, out int id, out _);
        Assert.Equal(registered.Single(r => r.Topic == Topics.Scores).SchemaId, id);

        RegisteredSchema latest = await client.GetLatestSchemaAsync("interview.reports.v1-value");
        Assert.Equal(["streamplatform/v1/common.proto", "streamplatform/v1/scores.proto"], latest.References.Select(r => r.Name));
        Assert.Contains("weights in docs/report.md", latest.SchemaString, StringComparison.Ordinal);

        using CachedSchemaRegistryClient second = fixture.Client();
        Assert.Equal(registered, await SchemaCatalogue.RegisterAllAsync(second));
    }
}
