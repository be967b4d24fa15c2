using System.Text;
using Confluent.Kafka;

namespace StreamPlatform.Cli.Demo;

/// <summary>Counts the records of some sessions on the topics, as an independent read_committed consumer sees them.</summary>
public sealed class TopicCounter(string bootstrapServers)
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(20);

    /// <summary>Records of <paramref name="sessions"/> by topic and session.</summary>
    /// <exception cref="DemoFailedException">A topic could not be read to its end in time.</exception>
    public IReadOnlyDictionary<string, IReadOnlyDictionary<string, long>> Count(IReadOnlyList<string> topics, IReadOnlySet<string> sessions, TimeProvider time)
    {
        using var admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = bootstrapServers }).Build();
        using var consumer = new ConsumerBuilder<byte[], Ignore>(new ConsumerConfig
        {
            BootstrapServers = bootstrapServers,
            GroupId = "streamplatform-demo-count",
            EnableAutoCommit = false,
            EnablePartitionEof = true,
            IsolationLevel = IsolationLevel.ReadCommitted,
            AutoOffsetReset = AutoOffsetReset.Earliest,
        }).Build();
        var partitions = topics.SelectMany(t => admin.GetMetadata(t, Timeout).Topics.Single().Partitions.Select(p => new TopicPartition(t, p.PartitionId))).ToList();
        consumer.Assign(partitions.Select(p => new TopicPartitionOffset(p, Offset.Beginning)));
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
            else if (result?.Message.Key is { } key && Encoding.UTF8.GetString(key) is var session && sessions.Contains(session))
            {
                counts[result.Topic][session] = counts[result.Topic].GetValueOrDefault(session) + 1;
            }
        }

        consumer.Unassign();
        return counts.ToDictionary(c => c.Key, c => (IReadOnlyDictionary<string, long>)c.Value);
    }
}
