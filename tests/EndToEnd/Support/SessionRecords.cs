using System.Text;
using Confluent.Kafka;
using StreamPlatform.Cli.Demo;

namespace StreamPlatform.Tests.EndToEnd.Support;

/// <summary>The committed records of one session on some topics, as an outside consumer reads them.</summary>
public static class SessionRecords
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(30);

    /// <summary>Reads each topic to its end; the trace ids of the session's records by topic, interim transcripts apart, "" for a record without one.</summary>
    public static IReadOnlyDictionary<string, IReadOnlyList<string>> TraceIds(string bootstrapServers, string session, params string[] topics)
    {
        using var admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = bootstrapServers }).Build();
        using var consumer = new ConsumerBuilder<string, byte[]>(new ConsumerConfig
        {
            BootstrapServers = bootstrapServers,
            GroupId = "test",
            EnableAutoCommit = false,
            EnablePartitionEof = true,
            IsolationLevel = IsolationLevel.ReadCommitted,
        }).Build();
        var open = topics.SelectMany(t => admin.GetMetadata(t, Timeout).Topics.Single().Partitions.Select(p => new TopicPartition(t, p.PartitionId))).ToHashSet();
        consumer.Assign(open.Select(p => new TopicPartitionOffset(p, Offset.Beginning)));
        var found = topics.ToDictionary(t => t, _ => new List<string>());
        var limit = DateTime.UtcNow + Timeout;
        while (open.Count > 0)
        {
            if (DateTime.UtcNow > limit)
            {
                throw new TimeoutException($"{open.First()} was not read to its end within {Timeout.TotalSeconds:0} s");
            }

            if (consumer.Consume(TimeSpan.FromMilliseconds(200)) is not { } result)
            {
                continue;
            }

            if (result.IsPartitionEOF)
            {
                open.Remove(result.TopicPartition);
            }
            else if (result.Message.Key == session && !TopicCounter.IsInterim(result.Topic, result.Message.Value))
            {
                found[result.Topic].Add(result.Message.Headers.TryGetLastBytes("traceparent", out var value) ? Encoding.UTF8.GetString(value).Split('-')[1] : "");
            }
        }

        return found.ToDictionary(f => f.Key, f => (IReadOnlyList<string>)f.Value);
    }
}
