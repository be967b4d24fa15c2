using System.Text;
using Confluent.Kafka;
using Microsoft.Extensions.Logging.Abstractions;
using StreamPlatform.Broker;
using StreamPlatform.Schemas;
using StreamPlatform.Schemas.V1;

namespace StreamPlatform.Tests.Unit.Gateway;

/// <summary>The gateway with Kafka's own client, on the embedded broker: what is on the topics, and that sessions outlive the gateway.</summary>
public sealed class GatewayOnBrokerTests : IAsyncLifetime
{
    private readonly string folder = Directory.CreateTempSubdirectory("gateway-broker-").FullName;
    private readonly InMemorySchemaRegistryClient registry = new();
    private KafkaBroker broker = null!;

    public async ValueTask InitializeAsync()
    {
        broker = await KafkaBroker.StartAsync(new() { DataDirectory = folder }, TimeProvider.System, NullLoggerFactory.Instance);
        using var admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = broker.BootstrapServers }).Build();
        await TopicCatalogue.EnsureAsync(admin, new(), CancellationToken.None);
    }

    public async ValueTask DisposeAsync()
    {
        await broker.DisposeAsync();
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task Acked_records_are_on_the_topics_with_key_headers_and_wire_format_and_a_restarted_gateway_goes_on()
    {
        string token, id;
        await using (var before = await GatewayHarness.StartOnKafkaAsync(broker.BootstrapServers, registry))
        {
            (id, token) = await before.CreateSessionAsync(questionIds: ["spoken-1", "typed-1"]);
            await using var live = await before.FollowAsync(id);
            await live.ExpectAsync("snapshot");
            await using var client = await before.ConnectAsync(token);
            await client.HelloAsync();
            await client.SendAsync(new { type = "start" });
            await client.ExpectAsync("question");
            Assert.Equal("started", (await live.ExpectAsync("event")).GetProperty("name").GetString());
            for (uint i = 1; i <= 5; i++)
            {
                await client.FrameAsync(i, CaptureClient.Jpeg(300_000));
            }

            for (uint i = 1; i <= 5; i++)
            {
                await client.ExpectAckAsync("frame", i);
            }

            await client.AudioAsync(1);
            await client.ExpectAckAsync("audio", 1);
            await client.AudioAsync(2, end: true, bytes: 0);
            await client.ExpectAckAsync("audio", 2);
            await client.ExpectAckAsync("answer", 0);
        }

        await using (var after = await GatewayHarness.StartOnKafkaAsync(broker.BootstrapServers, registry))
        await using (var client = await after.ConnectAsync(token))
        {
            var hello = await client.HelloAsync(nextFrame: 6, nextAudio: 3);
            Assert.Equal((5, 2, 1), (
                hello.GetProperty("lastFrameSequence").GetInt64(), hello.GetProperty("lastAudioSequence").GetInt64(),
                hello.GetProperty("question").GetProperty("index").GetInt32()));
            await client.FrameAsync(6);
            await client.ExpectAckAsync("frame", 6);
            await client.SendAsync(new { type = "answer", questionIndex = 1, text = "typed" });
            await client.ExpectAckAsync("answer", 1);
            await client.ExpectAsync("completed");
        }

        var frames = Read<FrameCaptured>(Topics.Frames, 6);
        Assert.Equal([1L, 2L, 3L, 4L, 5L, 6L], frames.Select(f => f.Value.Sequence));
        Assert.All(frames, f => Assert.Equal(id, Encoding.UTF8.GetString(f.Key)));
        Assert.All(frames, f => Assert.Equal("streamplatform.v1.FrameCaptured", Encoding.UTF8.GetString(f.Headers.GetLastBytes("ce_type"))));
        Assert.All(frames, f => Assert.Equal($"{id}/frame/{f.Value.Sequence}", Encoding.UTF8.GetString(f.Headers.GetLastBytes("ce_id"))));
        Assert.All(frames, f => Assert.Equal("default", Encoding.UTF8.GetString(f.Headers.GetLastBytes("tenant"))));
        Assert.All(frames, f => Assert.StartsWith("00-", Encoding.ASCII.GetString(f.Headers.GetLastBytes("traceparent"))));
        Assert.All(frames, f => Assert.Equal(f.Value.CapturedAtMs, f.Timestamp.UnixTimestampMs));
        var answers = Read<AnswerSubmitted>(Topics.Answers, 2);
        Assert.Equal([2L, 0L], answers.Select(a => a.Value.AudioChunks));
        var completed = Assert.Single(Read<SessionEvent>(Topics.Events, 6), e => e.Value.Completed is not null).Value.Completed;
        Assert.Equal((6, 2, 2), (completed.FramesAcked, completed.AudioChunksAcked, completed.AnswersSubmitted));
    }

    /// <summary>At least <paramref name="atLeast"/> records from the beginning, decoded.</summary>
    private List<Message<byte[], T>> Read<T>(string topic, int atLeast)
        where T : class, Google.Protobuf.IMessage<T>, new()
    {
        using var consumer = new ConsumerBuilder<byte[], T>(new ConsumerConfig { BootstrapServers = broker.BootstrapServers, GroupId = "test" })
            .SetValueDeserializer(new ProtobufDeserializer<T>()).Build();
        consumer.Assign(Enumerable.Range(0, Topics.SessionPartitions).Select(p => new TopicPartitionOffset(topic, p, Offset.Beginning)));
        var found = new List<Message<byte[], T>>();
        while (found.Count < atLeast)
        {
            var result = consumer.Consume(TimeSpan.FromSeconds(60));
            Assert.True(result is not null, $"{topic} holds {found.Count} records, {atLeast} were expected");
            found.Add(result.Message);
        }

        return found;
    }
}
