using StreamPlatform.Broker.Wire;

namespace StreamPlatform.Broker.Storage;

/// <summary>Where a batch begins: its base offset, its position in the file, and the largest timestamp of all batches before it in the segment.</summary>
internal readonly record struct IndexEntry(long Offset, int Position, long MaxTimestampBeforeMs);

/// <summary>
/// Sparse offset and time index of one segment, in memory (24 bytes per <see cref="IntervalBytes"/> of log), saved beside the segment when it is
/// sealed or the broker stops cleanly. The caller synchronises.
/// </summary>
internal sealed class SegmentIndex
{
    public const int IntervalBytes = 32 * 1024;
    private const int Magic = 0x53504958;

    private readonly List<IndexEntry> _entries = [];

    public long MaxTimestampMs { get; private set; } = -1;
    public int Count => _entries.Count;

    public void Add(long baseOffset, int position, long maxTimestampMs)
    {
        if (_entries.Count == 0 || position - _entries[^1].Position >= IntervalBytes)
        {
            _entries.Add(new IndexEntry(baseOffset, position, MaxTimestampMs));
        }
        MaxTimestampMs = Math.Max(MaxTimestampMs, maxTimestampMs);
    }

    /// <summary>The last position from which scanning forward meets the batch that contains <paramref name="offset"/>.</summary>
    public int PositionBefore(long offset) => Last(entry => entry.Offset <= offset);

    /// <summary>The last indexed batch start at or before a position.</summary>
    public int PositionAtOrBefore(int position) => Last(entry => entry.Position <= position);

    /// <summary>The last position before which no batch has a timestamp of at least <paramref name="timestampMs"/>.</summary>
    public int PositionBeforeTime(long timestampMs) => Last(entry => entry.MaxTimestampBeforeMs < timestampMs);

    /// <summary>Saves the index of a segment of <paramref name="sizeBytes"/> whose next offset is <paramref name="nextOffset"/>.</summary>
    public void Save(string path, int sizeBytes, long nextOffset)
    {
        using var writer = new KafkaWriter(capacity: 64 + (_entries.Count * 20));
        writer.WriteInt32(Magic);
        writer.WriteInt32(sizeBytes);
        writer.WriteInt64(nextOffset);
        writer.WriteInt64(MaxTimestampMs);
        writer.WriteInt32(_entries.Count);
        foreach (var entry in _entries)
        {
            writer.WriteInt64(entry.Offset);
            writer.WriteInt32(entry.Position);
            writer.WriteInt64(entry.MaxTimestampBeforeMs);
        }
        writer.WriteUInt32(Crc32C.Compute(writer.WrittenSpan));
        AtomicFile.Write(path, writer.WrittenSpan, flush: false);
    }

    /// <summary>Null unless the file is whole and was saved for exactly this size of the segment.</summary>
    public static (SegmentIndex Index, long NextOffset)? Load(string path, long segmentBytes)
    {
        if (!File.Exists(path))
        {
            return null;
        }
        var bytes = File.ReadAllBytes(path);
        if (bytes.Length < 32 || Crc32C.Compute(bytes.AsSpan(0, bytes.Length - 4)) != System.Buffers.Binary.BinaryPrimitives.ReadUInt32BigEndian(bytes.AsSpan(bytes.Length - 4)))
        {
            return null;
        }
        var reader = new KafkaReader(bytes);
        if (reader.ReadInt32() != Magic || reader.ReadInt32() != segmentBytes)
        {
            return null;
        }
        var nextOffset = reader.ReadInt64();
        var index = new SegmentIndex { MaxTimestampMs = reader.ReadInt64() };
        var count = reader.ReadInt32();
        index._entries.Capacity = count;
        for (var i = 0; i < count; i++)
        {
            index._entries.Add(new IndexEntry(reader.ReadInt64(), reader.ReadInt32(), reader.ReadInt64()));
        }
        return (index, nextOffset);
    }

    private int Last(Func<IndexEntry, bool> holds)
    {
        int low = 0, high = _entries.Count;
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (holds(_entries[middle]))
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }
        return low == 0 ? 0 : _entries[low - 1].Position;
    }
}
