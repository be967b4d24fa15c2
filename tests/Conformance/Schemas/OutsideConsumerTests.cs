using System.Text.Json.Nodes;
using Confluent.Kafka;
using Confluent.Kafka.Admin;
using Google.Protobuf;
using StreamPlatform.Schemas;
using StreamPlatform.Schemas.V1;
using StreamPlatform.Tests.Conformance.Registry;

namespace StreamPlatform.Tests.Conformance.Schemas;

/// <summary>The consumer that docs/consume.md shows, run as it stands there.</summary>
public abstract class OutsideConsumerTests
{
    private readonly RegistryFixture fixture;

    protected OutsideConsumerTests(RegistryFixture fixture)
    {
        this.fixture = fixture;
        fixture.SkipIfMissing();
        NodeClient.SkipIfMissing();
    }

    [Fact]
    public async Task Prints_every_score_and_report_once()
    {
        using (IAdminClient admin = fixture.Admin())
        {
            await admin.CreateTopicsAsync(TopicCatalogue.Specifications(new()).Where(t => t.Name is Topics.Scores or Topics.Reports));
        }

        using CachedSchemaRegistryClient registry = fixture.Client();
        await SchemaCatalogue.RegisterAllAsync(registry);
        Produce(registry, Topics.Scores, Enumerable.Range(0, 30).Select(i => (
            $"session-{i}", new AnswerScored { AnswerId = $"session-{i}/0", SessionId = $"session-{i}", Technical = i + 0.5f, Engine = "offline-rubric", NeedsHumanReview = true })));
        var report = (InterviewReport)SampleMessages.Fill(InterviewReport.Descriptor);
        Produce(registry, Topics.Reports, [("session-0", report)]);

        string output = await NodeClient.RunAsync([Path.Combine(NodeClient.Root, "tests", "js", "consume", "run.mjs"), fixture.BootstrapServers, fixture.Url]);
        JsonNode[] lines = [.. output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => JsonNode.Parse(l)!)];
        JsonNode[] scores = [.. lines.Where(l => (string?)l["topic"] == Topics.Scores)];
        Assert.Equal(31, lines.Length);
        Assert.Equal(Enumerable.Range(0, 30).Select(i => (float)(i + 0.5)).Order(), scores.Select(s => (float)s["value"]!["technical"]!).Order());
        Assert.All(scores, s => Assert.Equal((string?)s["session"], (string?)s["value"]!["sessionId"]));
        JsonNode printed = lines.Single(l => (string?)l["topic"] == Topics.Reports)["value"]!;
        Assert.Equal(report.Overall, (float)printed["overall"]!);
        Assert.Equal(report.StartedAtMs, (long)printed["startedAtMs"]!);
        Assert.Equal(2, printed["scores"]!.AsArray().Count);
    }

    /// <summary>In one transaction, as the platform writes: control records must not trouble the consumer.</summary>
    private void Produce<T>(ISchemaRegistryClient registry, string topic, IEnumerable<(string Key, T Value)> records)
        where T : class, IMessage<T>, new()
    {
        using IProducer<string, T> producer = new ProducerBuilder<string, T>(
                new ProducerConfig { BootstrapServers = fixture.BootstrapServers, TransactionalId = RegistryFixture.Unique("outside") })
            .SetValueSerializer(new ProtobufSerializer<T>(registry) as ISerializer<T>).SetLogHandler((_, _) => { }).Build();
        producer.InitTransactions(TimeSpan.FromSeconds(30));
        producer.BeginTransaction();
        foreach ((string key, T value) in records)
        {
            producer.Produce(topic, new Message<string, T> { Key = key, Value = value });
        }

        producer.CommitTransaction(TimeSpan.FromSeconds(30));
    }
}

/// <summary>On Apache Kafka, the judge.</summary>
[Collection(OnApacheKafka.Name)]
[Trait("Run", "all")] // the embedded broker's twin always runs
public sealed class OutsideConsumerTestsOnApacheKafka(ApacheKafkaRegistry fixture) : OutsideConsumerTests(fixture);

/// <summary>On the platform's own broker.</summary>
[Collection(OnEmbeddedBroker.Name)]
public sealed class OutsideConsumerTestsOnEmbeddedBroker(EmbeddedBrokerRegistry fixture) : OutsideConsumerTests(fixture);
