using System.Text;
using Confluent.Kafka;
using Confluent.Kafka.Admin;
using StreamPlatform.Schemas;
using StreamPlatform.Schemas.V1;

namespace StreamPlatform.Cli.Demo;

/// <summary>Counts the records of some sessions on the topics, interim transcripts apart, as an independent read_committed consumer sees them.</summary>
public sealed class TopicCounter(string bootstrapServers)
{
    private static readonly ProtobufDeserializer<Transcript> Transcripts = new();

    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(20);

    /// <summary>Where each partition ends now, to count from there later.</summary>
    public async Task<IReadOnlyDictionary<TopicPartition, Offset>> EndsAsync(IReadOnlyList<string> topics)
    {
        using var admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = bootstrapServers }).Build();
        var ends = await admin.ListOffsetsAsync(
            Partitions(admin, topics).Select(p => new TopicPartitionOffsetSpec { TopicPartition = p, OffsetSpec = OffsetSpec.Latest() }),
            new ListOffsetsOptions { RequestTimeout = Timeout });
        return ends.ResultInfos.ToDictionary(r => r.TopicPartitionOffsetError.TopicPartition, r => r.TopicPartitionOffsetError.Offset);
    }

    /// <summary>Records of <paramref name="sessions"/> by topic and session.</summary>
    /// <param name="topics">To read to their ends.</param>
    /// <param name="sessions">Session ids.</param>
    /// <param name="time">Clock of the time-out.</param>
    /// <param name="from">Where to begin, as <see cref="EndsAsync"/> gave it; null = at the beginning.</param>
    /// <exception cref="DemoFailedException">A topic could not be read to its end in time.</exception>
    public IReadOnlyDictionary<string, IReadOnlyDictionary<string, long>> Count(IReadOnlyList<string> topics, IReadOnlySet<string> sessions, TimeProvider time,
        IReadOnlyDictionary<TopicPartition, Offset>? from = null)
    {
        using var admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = bootstrapServers }).Build();
        using var consumer = new ConsumerBuilder<byte[], byte[]>(new ConsumerConfig
        {
            BootstrapServers = bootstrapServers,
            GroupId = "streamplatform-demo-count",
            EnableAutoCommit = false,
            EnablePartitionEof = true,
            IsolationLevel = IsolationLevel.ReadCommitted,
            AutoOffsetReset = AutoOffsetReset.Earliest,
        }).Build();
        var partitions = Partitions(admin, topics);
        consumer.Assign(partitions.Select(p => new TopicPartitionOffset(p, from is not null && from.TryGetValue(p, out var offset) ? offset : Offset.Beginning)));
        var counts = topics.ToDictionary(t => t, _ => new Dictionary<string, long>());
        var open = partitions.ToHashSet();
        var started = time.GetTimestamp();
        while (open.Count > 0)
        {
            if (time.GetElapsedTime(started) > Timeout)
            {
                throw new DemoFailedException($"{open.First()} could not be read to its end in {Timeout.TotalSeconds:0} s");
            }

            var result = consumer.Consume(TimeSpan.FromMilliseconds(200));
            if (result is { IsPartitionEOF: true })
            {
                open.Remove(result.TopicPartition);
            }
            else if (result?.Message.Key is { } key && Encoding.UTF8.GetString(key) is var session && sessions.Contains(session)
                && !IsInterim(result.Topic, result.Message.Value))
            {
                counts[result.Topic][session] = counts[result.Topic].GetValueOrDefault(session) + 1;
            }
        }

        consumer.Unassign();
        return counts.ToDictionary(c => c.Key, c => (IReadOnlyDictionary<string, long>)c.Value);
    }

    /// <summary>True of a transcript for the eye only: the final segment replaces it, and no store keeps it.</summary>
    public static bool IsInterim(string topic, byte[]? value) =>
        topic == Topics.Transcripts && value is not null && Transcripts.Deserialize(topic, value) is { Segment.Interim: true };

    private static List<TopicPartition> Partitions(IAdminClient admin, IReadOnlyList<string> topics) =>
        [.. topics.SelectMany(t => admin.GetMetadata(t, Timeout).Topics.Single().Partitions.Select(p => new TopicPartition(t, p.PartitionId)))];
}
