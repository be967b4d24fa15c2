using System.Text;
using Confluent.Kafka;
using Microsoft.Extensions.Logging;
using StreamPlatform.Schemas;

namespace StreamPlatform.Gateway.Kafka;

/// <summary>Follows topics with a consumer of its own per run, reading committed records only.</summary>
public sealed class KafkaEventTail(GatewayOptions options, IEventCodec codec, GatewayMetrics metrics, TimeProvider time, ILogger<KafkaEventTail> logger)
    : IEventTail
{
    private const int PollMs = 200;
    private const int RetryMs = 1000;

    public async Task RunAsync(
        IReadOnlyList<string> topics, TailStart start, Action<TailRecord> onRecord, Action onCaughtUp, CancellationToken cancellationToken)
    {
        Dictionary<TopicPartition, Offset> reached = []; // what came while a consumer failed is not behind the next one's end
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                // a thread of its own: Consume blocks
                await Task.Factory.StartNew(
                    () => Follow(topics, start, reached, onRecord, onCaughtUp, cancellationToken), cancellationToken,
                    TaskCreationOptions.LongRunning, TaskScheduler.Default);
            }
            catch (KafkaException error)
            {
                Log.TailFailed(logger, string.Join(", ", topics), RetryMs, error);
                await Task.Delay(TimeSpan.FromMilliseconds(RetryMs), time, cancellationToken);
            }
        }
    }

    private void Follow(
        IReadOnlyList<string> topics, TailStart start, Dictionary<TopicPartition, Offset> reached, Action<TailRecord> onRecord, Action onCaughtUp, CancellationToken cancellationToken)
    {
        using var consumer = new ConsumerBuilder<byte[]?, byte[]?>(new ConsumerConfig
        {
            BootstrapServers = options.BootstrapServers,
            ClientId = "gateway-tail",
            GroupId = "gateway-tail-unused",
            EnableAutoCommit = false,
            EnableAutoOffsetStore = false,
            EnablePartitionEof = true,
            IsolationLevel = IsolationLevel.ReadCommitted,
            AutoOffsetReset = start == TailStart.End ? AutoOffsetReset.Latest : AutoOffsetReset.Earliest,
            FetchWaitMaxMs = 100,
            QueuedMaxMessagesKbytes = 16 * 1024,
        })
            .SetErrorHandler((_, error) => Log.KafkaClient(logger, error.Reason))
            .Build();
        Offset From(TopicPartition partition) => start == TailStart.Beginning ? Offset.Beginning : reached.GetValueOrDefault(partition, Offset.End);
        var partitions = topics
            .SelectMany(topic => Enumerable.Range(0, Topics.All.First(t => t.Name == topic).Partitions).Select(p => new TopicPartition(topic, p)))
            .ToList();
        consumer.Assign(partitions.Select(p => new TopicPartitionOffset(p, From(p))));
        var behind = partitions.ToHashSet();
        while (!cancellationToken.IsCancellationRequested)
        {
            var result = consumer.Consume(TimeSpan.FromMilliseconds(PollMs));
            if (result is null)
            {
                continue;
            }

            if (result.IsPartitionEOF)
            {
                reached[result.TopicPartition] = result.Offset;
                if (behind.Remove(result.TopicPartition) && behind.Count == 0)
                {
                    onCaughtUp();
                }

                continue;
            }

            if (Read(result) is { } record)
            {
                onRecord(record);
            }

            reached[result.TopicPartition] = result.Offset + 1;
        }
    }

    private TailRecord? Read(ConsumeResult<byte[]?, byte[]?> result)
    {
        try
        {
            var value = result.Message.Value is { } bytes ? codec.Decode(result.Topic, bytes) : null;
            return new(result.Topic, Encoding.UTF8.GetString(result.Message.Key ?? []), value);
        }
        catch (Exception error) when (error is InvalidDataException or Google.Protobuf.InvalidProtocolBufferException)
        {
            metrics.Unreadable(result.Topic);
            Log.Unreadable(logger, result.Topic, result.Partition.Value, result.Offset.Value, error.Message);
            return null;
        }
    }
}
