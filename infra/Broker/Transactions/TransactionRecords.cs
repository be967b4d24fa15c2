using System.Collections.Immutable;
using StreamPlatform.Broker.Groups;
using StreamPlatform.Broker.Wire;

namespace StreamPlatform.Broker.Transactions;

/// <summary>
/// Keys and values of __transaction_state in Kafka's encoding (TransactionLogKey/Value 0). A key of version 100, which Kafka's tools skip, keeps the first
/// producer id not yet reserved (Kafka keeps that in its controller).
/// </summary>
internal static class TransactionRecords
{
    private const short TransactionKeyVersion = 0;
    private const short ProducerIdsKeyVersion = 100;

    public static byte[] Key(string transactionalId) => Bytes(w =>
    {
        w.WriteInt16(TransactionKeyVersion);
        w.WriteString(transactionalId);
    });

    public static byte[] Value(TransactionMetadata transaction) => Bytes(w =>
    {
        w.WriteInt16(0);
        w.WriteInt64(transaction.ProducerId);
        w.WriteInt16(transaction.Epoch);
        w.WriteInt32(transaction.TimeoutMs);
        w.WriteInt8((sbyte)transaction.Status);
        var topics = transaction.Partitions.GroupBy(p => p.Topic).ToList();
        w.WriteArrayLength(topics.Count);
        foreach (var topic in topics)
        {
            w.WriteString(topic.Key);
            w.WriteInt32Array(topic.Select(p => p.Partition).ToArray());
        }
        w.WriteInt64(transaction.LastUpdateUnixMs);
        w.WriteInt64(transaction.StartUnixMs);
    });

    public static byte[] ProducerIdsKey() => Bytes(w => w.WriteInt16(ProducerIdsKeyVersion));

    public static byte[] ProducerIdsValue(long firstFree) => Bytes(w =>
    {
        w.WriteInt16(0);
        w.WriteInt64(firstFree);
    });

    /// <summary>The transactional id; null for the record of the producer ids.</summary>
    public static string? ReadKey(ReadOnlyMemory<byte> key)
    {
        var reader = new KafkaReader(key.Span);
        return reader.ReadInt16() switch
        {
            TransactionKeyVersion => reader.ReadString(),
            ProducerIdsKeyVersion => null,
            var other => throw new InvalidDataException($"__transaction_state holds a key of version {other}; only {TransactionKeyVersion} and {ProducerIdsKeyVersion} are written here"),
        };
    }

    public static long ReadProducerIds(ReadOnlyMemory<byte> value)
    {
        var reader = new KafkaReader(value.Span);
        reader.ReadInt16();
        return reader.ReadInt64();
    }

    public static TransactionMetadata ReadValue(ReadOnlyMemory<byte> value)
    {
        var reader = new KafkaReader(value.Span);
        if (reader.ReadInt16() is not 0 and var version)
        {
            throw new InvalidDataException($"__transaction_state holds a value of version {version}; only 0 is written here");
        }
        var (producerId, epoch) = (reader.ReadInt64(), reader.ReadInt16());
        var (timeoutMs, status) = (reader.ReadInt32(), (TransactionStatus)reader.ReadInt8());
        var partitions = ImmutableHashSet.CreateBuilder<PartitionKey>();
        for (var topics = reader.ReadNullableArrayLength(); topics > 0; topics--)
        {
            var topic = reader.ReadString();
            foreach (var partition in reader.ReadInt32Array())
            {
                partitions.Add(new PartitionKey(topic, partition));
            }
        }
        return new TransactionMetadata(producerId, epoch, -1, timeoutMs, status, partitions.ToImmutable(), reader.ReadInt64(), reader.ReadInt64());
    }

    private static byte[] Bytes(Action<KafkaWriter> write)
    {
        using var writer = new KafkaWriter();
        write(writer);
        return writer.WrittenSpan.ToArray();
    }
}
