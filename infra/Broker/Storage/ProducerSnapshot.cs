using System.Buffers.Binary;
using System.Globalization;
using StreamPlatform.Broker.Wire;

namespace StreamPlatform.Broker.Storage;

/// <summary>The producer table as of one offset, on disk, so that recovery replays only what follows. A lost or damaged one costs a longer replay, nothing else.</summary>
internal static class ProducerSnapshot
{
    public const string Suffix = ".producers";
    private const int Magic = 0x53505053;

    public static string FileName(long offset) => offset.ToString("D20", CultureInfo.InvariantCulture) + Suffix;

    public static void Save(string directory, long offset, ProducerTable table)
    {
        using var writer = new KafkaWriter();
        writer.WriteInt32(Magic);
        writer.WriteInt64(offset);
        var producers = table.Producers.ToList();
        writer.WriteArrayLength(producers.Count);
        foreach (var producer in producers)
        {
            writer.WriteInt64(producer.ProducerId);
            writer.WriteInt16(producer.Epoch);
            writer.WriteInt32(producer.CoordinatorEpoch);
            writer.WriteInt64(producer.TransactionStart);
            writer.WriteInt64(producer.LastTimestampMs);
            writer.WriteArrayLength(producer.Batches.Count);
            foreach (var batch in producer.Batches)
            {
                writer.WriteInt32(batch.FirstSequence);
                writer.WriteInt32(batch.LastSequence);
                writer.WriteInt64(batch.FirstOffset);
                writer.WriteInt64(batch.LastOffset);
                writer.WriteInt64(batch.TimestampMs);
            }
        }
        writer.WriteArrayLength(table.Aborted.Count);
        foreach (var aborted in table.Aborted)
        {
            writer.WriteInt64(aborted.ProducerId);
            writer.WriteInt64(aborted.FirstOffset);
            writer.WriteInt64(aborted.LastOffset);
            writer.WriteInt64(aborted.LastStableOffset);
        }
        writer.WriteUInt32(Crc32C.Compute(writer.WrittenSpan));
        AtomicFile.Write(Path.Combine(directory, FileName(offset)), writer.WrittenSpan, flush: false);
        Prune(directory, keepFrom: offset);
    }

    /// <summary>The latest whole snapshot at or before <paramref name="maxOffset"/>; later ones (of a tail that was cut) are removed. An empty table at -1 if none.</summary>
    public static (ProducerTable Table, long Offset) LoadLatest(string directory, long maxOffset, long nowMs)
    {
        foreach (var (offset, path) in Files(directory).OrderByDescending(file => file.Offset))
        {
            if (offset > maxOffset)
            {
                File.Delete(path);
            }
            else if (Parse(File.ReadAllBytes(path), offset, nowMs) is { } table)
            {
                return (table, offset);
            }
        }
        return (new ProducerTable(), -1);
    }

    private static ProducerTable? Parse(byte[] bytes, long offset, long nowMs)
    {
        if (bytes.Length < 24 || Crc32C.Compute(bytes.AsSpan(0, bytes.Length - 4)) != BinaryPrimitives.ReadUInt32BigEndian(bytes.AsSpan(bytes.Length - 4)))
        {
            return null;
        }
        var reader = new KafkaReader(bytes);
        if (reader.ReadInt32() != Magic || reader.ReadInt64() != offset)
        {
            return null;
        }
        var table = new ProducerTable();
        for (var producers = reader.ReadArrayLength(); producers > 0; producers--)
        {
            var entry = new ProducerEntry(reader.ReadInt64(), reader.ReadInt16())
            {
                CoordinatorEpoch = reader.ReadInt32(),
                TransactionStart = reader.ReadInt64(),
                LastTimestampMs = reader.ReadInt64(),
                LastSeenMs = nowMs,
            };
            for (var batches = reader.ReadArrayLength(); batches > 0; batches--)
            {
                entry.Remember(new ProducerBatch(reader.ReadInt32(), reader.ReadInt32(), reader.ReadInt64(), reader.ReadInt64(), reader.ReadInt64()));
            }
            table.Restore(entry);
        }
        for (var aborted = reader.ReadArrayLength(); aborted > 0; aborted--)
        {
            table.Restore(new AbortedEntry(reader.ReadInt64(), reader.ReadInt64(), reader.ReadInt64(), reader.ReadInt64()));
        }
        return table;
    }

    // Two are kept: the newest may belong to a tail that a crash cuts off.
    private static void Prune(string directory, long keepFrom)
    {
        foreach (var (_, path) in Files(directory).Where(file => file.Offset <= keepFrom).OrderByDescending(file => file.Offset).Skip(2).ToList())
        {
            File.Delete(path);
        }
    }

    private static IEnumerable<(long Offset, string Path)> Files(string directory)
    {
        foreach (var path in Directory.EnumerateFiles(directory, "*" + Suffix))
        {
            if (long.TryParse(Path.GetFileNameWithoutExtension(path), NumberStyles.None, CultureInfo.InvariantCulture, out var offset))
            {
                yield return (offset, path);
            }
        }
    }
}
