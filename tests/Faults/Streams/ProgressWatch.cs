using System.Buffers.Binary;
using System.Numerics;
using System.Text;
using Confluent.Kafka;

namespace StreamPlatform.Tests.Faults.Streams;

/// <summary>Reads an application's progress topic as it grows: base offsets and the bits of what is finished beyond them.</summary>
internal sealed class ProgressWatch : IDisposable
{
    private const int BitsPerChunk = 8 * 1024 * 8;
    private readonly IConsumer<byte[], byte[]> consumer;
    private readonly Dictionary<string, long> bases = [];
    private readonly Dictionary<TopicPartition, Offset> next = [];
    private readonly Dictionary<(string Input, long Chunk), byte[]> chunks = [];

    public ProgressWatch(NumberedEvents events) => consumer = events.Reader($"{events.Application}-progress");

    /// <summary>Finished offsets beyond the base that are committed now, over all partitions.</summary>
    public int FinishedBeyond()
    {
        consumer.Assign(consumer.Assignment.Select(p => new TopicPartitionOffset(p, next.GetValueOrDefault(p, Offset.Beginning)))); // an end is told once per assignment
        for (var ended = new HashSet<int>(); ended.Count < NumberedEvents.Partitions;)
        {
            var result = consumer.Consume(TimeSpan.FromSeconds(30)) ?? throw new TimeoutException("the progress topic has no end");
            next[result.TopicPartition] = result.IsPartitionEOF ? result.Offset : result.Offset + 1;
            if (result.IsPartitionEOF) ended.Add(result.Partition.Value);
            else
            {
                ended.Remove(result.Partition.Value);
                Take(result.Message);
            }
        }
        return chunks.Sum(c => c.Value.Select((bits, i) => c.Key.Chunk * BitsPerChunk + i * 8 + 7 < bases[c.Key.Input] ? 0 : BitOperations.PopCount(bits)).Sum());
    }

    private void Take(Message<byte[], byte[]> message)
    {
        var parts = Encoding.UTF8.GetString(message.Key).Split('/'); // sub-topology/topic/partition/chunk
        var input = $"{parts[1]}/{parts[2]}";
        if (parts[3] == "base") bases[input] = BinaryPrimitives.ReadInt64BigEndian(message.Value);
        else if (message.Value is null) chunks.Remove((input, long.Parse(parts[3])));
        else chunks[(input, long.Parse(parts[3]))] = message.Value;
    }

    public void Dispose() => consumer.Dispose();
}
