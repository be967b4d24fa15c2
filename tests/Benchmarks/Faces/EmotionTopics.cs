using Confluent.Kafka;
using Google.Protobuf;
using Microsoft.Extensions.Logging.Abstractions;
using StreamPlatform.Broker;
using StreamPlatform.Hosting;
using StreamPlatform.Schemas;
using StreamPlatform.Schemas.V1;
using StreamPlatform.Topology;

namespace StreamPlatform.Tests.Benchmarks.Faces;

/// <summary>A broker of its own with the platform's topics, sessions that consented and their frames; its data goes with it.</summary>
internal sealed class EmotionTopics : IAsyncDisposable
{
    private readonly string data = Path.Combine(Path.GetTempPath(), "bench-emotion-" + Guid.NewGuid().ToString("N"));
    private KafkaBroker? broker;

    public string BootstrapServers => broker!.BootstrapServers;

    public IEventSerdes Serdes { get; } = new EventSerdes(new InMemorySchemaRegistryClient());

    public static async Task<EmotionTopics> StartAsync(FaceFrames frames, int count)
    {
        var topics = new EmotionTopics();
        try
        {
            Directory.CreateDirectory(topics.data);
            topics.broker = await KafkaBroker.StartAsync(new BrokerOptions { DataDirectory = topics.data }, TimeProvider.System, NullLoggerFactory.Instance);
            using var admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = topics.BootstrapServers }).Build();
            await TopicCatalogue.EnsureAsync(admin, new TopicCatalogueOptions());
            topics.Fill(frames, count);
            return topics;
        }
        catch
        {
            await topics.DisposeAsync();
            throw;
        }
    }

    /// <summary>Counts the records of the emotions topic, as an independent consumer sees them, until there are <paramref name="wanted"/>.</summary>
    /// <returns>When the last one was seen, on the monotonic clock, and how many there were.</returns>
    public (long SeenAt, long Seen) WaitForEmotions(long wanted, TimeSpan limit, Func<bool> failed)
    {
        using var consumer = new ConsumerBuilder<Ignore, Ignore>(new ConsumerConfig
        {
            BootstrapServers = BootstrapServers, GroupId = "bench-emotion-meter", IsolationLevel = IsolationLevel.ReadCommitted,
            EnableAutoCommit = false, EnableAutoOffsetStore = false, FetchWaitMaxMs = 100, ConsumeResultFields = "none",
        }).Build();
        consumer.Assign(Enumerable.Range(0, Topics.SessionPartitions).Select(p => new TopicPartitionOffset(Topics.Emotions, p, Offset.Beginning)));
        var started = TimeProvider.System.GetTimestamp();
        long seen = 0;
        while (seen < wanted && TimeProvider.System.GetElapsedTime(started) < limit && !failed())
        {
            if (consumer.Consume(100) is not null) seen++;
        }

        return (TimeProvider.System.GetTimestamp(), seen);
    }

    public async ValueTask DisposeAsync()
    {
        if (broker is not null) await broker.DisposeAsync();
        try { Directory.Delete(data, recursive: true); }
        catch (DirectoryNotFoundException) { }
    }

    private void Fill(FaceFrames frames, int count)
    {
        using var producer = new ProducerBuilder<string, byte[]>(new ProducerConfig { BootstrapServers = BootstrapServers, LingerMs = 5, MessageMaxBytes = 1_000_000 }).Build();
        for (var session = 0; session < frames.Sessions; session++)
        {
            var state = new SessionState
            {
                SessionId = Id(session), Tenant = "bench", Jurisdiction = "US", Status = SessionStatus.Active,
                Consents = new Consents { VideoEmotion = true, FacePresence = true, Blink = true },
            };
            Produce(producer, Topics.Sessions, Id(session), state);
        }

        for (var number = 0; number < count; number++)
        {
            var session = Id(number % frames.Sessions);
            Produce(producer, Topics.Frames, session, new FrameCaptured
            {
                SessionId = session, Tenant = "bench", Sequence = (number / frames.Sessions) + 1, CapturedAtMs = 1_700_000_000_000 + (number / frames.Sessions * 500L),
                Jpeg = UnsafeByteOperations.UnsafeWrap(frames.Of(number)),
            });
        }

        producer.Flush(TimeSpan.FromSeconds(60));
    }

    private void Produce<T>(IProducer<string, byte[]> producer, string topic, string key, T value) where T : class, IMessage<T>, new()
    {
        var message = new Message<string, byte[]> { Key = key, Value = Serdes.For<T>().Serialize(topic, value) };
        while (true)
        {
            try { producer.Produce(topic, message); return; }
            catch (ProduceException<string, byte[]> e) when (e.Error.Code == ErrorCode.Local_QueueFull) { producer.Poll(TimeSpan.FromMilliseconds(50)); }
        }
    }

    private static string Id(int session) => $"bench-session-{session:000}";
}
