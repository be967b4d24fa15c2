using System.Buffers.Binary;
using System.Text;

namespace StreamPlatform.Streams;

/// <summary>
/// Progress of one input partition in the compacted topic <c>app-progress</c>. Key: text <c>sub/topic/partition/chunk</c>, chunk "base" or a number.
/// Value of base: int64 base offset, int64 watermark ms. Value of a chunk: bits of the finished offsets
/// chunk*65536 .. +65535 beyond the base, without trailing zeros; tombstoned once below the base or empty.
/// </summary>
internal static class Progress
{
    public const int BitsPerChunk = 8 * 1024 * 8;

    public static void Append(OutputBuffer records, string topic, int sub, TaskInput input)
    {
        var tracker = input.Tracker;
        var value = new byte[16];
        BinaryPrimitives.WriteInt64BigEndian(value, tracker.Base);
        BinaryPrimitives.WriteInt64BigEndian(value.AsSpan(8), tracker.WatermarkMs);
        records.Add(new OutputRecord(topic, input.Id.Partition, -1, Key(sub, input.Id, "base"), value, null));

        Dictionary<long, byte[]>? chunks = null;
        foreach (var offset in tracker.FinishedBeyond)
        {
            chunks ??= [];
            var chunk = offset / BitsPerChunk;
            if (!chunks.TryGetValue(chunk, out var bits)) chunks[chunk] = bits = new byte[BitsPerChunk / 8];
            var bit = (int)(offset % BitsPerChunk);
            bits[bit / 8] |= (byte)(1 << (bit % 8));
        }
        foreach (var gone in input.WrittenChunks.Where(c => chunks is null || !chunks.ContainsKey(c)).ToList())
        {
            records.Add(new OutputRecord(topic, input.Id.Partition, -1, Key(sub, input.Id, $"{gone}"), null, null));
            input.WrittenChunks.Remove(gone);
        }
        if (chunks is null) return;
        foreach (var (chunk, bits) in chunks)
        {
            var length = bits.AsSpan().LastIndexOfAnyExcept((byte)0) + 1;
            records.Add(new OutputRecord(topic, input.Id.Partition, -1, Key(sub, input.Id, $"{chunk}"), bits[..length], null));
            input.WrittenChunks.Add(chunk);
        }
    }

    private static byte[] Key(int sub, TopicPartitionId id, string chunk) => Encoding.UTF8.GetBytes($"{sub}/{id.Topic}/{id.Partition}/{chunk}");

    /// <summary>What the progress topic says about one input.</summary>
    internal sealed class Restored
    {
        public long? Base { get; private set; }
        public long WatermarkMs { get; private set; } = -1;
        public Dictionary<long, byte[]> Chunks { get; } = [];

        public void Take(string chunk, byte[]? value)
        {
            if (chunk == "base")
            {
                Base = value is null ? null : BinaryPrimitives.ReadInt64BigEndian(value);
                WatermarkMs = value is null ? -1 : BinaryPrimitives.ReadInt64BigEndian(value.AsSpan(8));
                return;
            }
            if (value is null) Chunks.Remove(long.Parse(chunk));
            else Chunks[long.Parse(chunk)] = value;
        }

        public IEnumerable<long> Finished()
        {
            foreach (var (chunk, bits) in Chunks)
                for (var bit = 0; bit < bits.Length * 8; bit++)
                    if ((bits[bit / 8] >> (bit % 8) & 1) != 0 && chunk * BitsPerChunk + bit >= Base) yield return chunk * BitsPerChunk + bit;
        }

        public void ApplyTo(TaskInput input)
        {
            input.Tracker = new OffsetTracker(Base ?? 0, Finished(), WatermarkMs);
            foreach (var chunk in Chunks.Keys) input.WrittenChunks.Add(chunk);
        }
    }

    /// <summary>Splits a key; topics contain no slash.</summary>
    public static (int Sub, string Topic, int Partition, string Chunk) ReadKey(ReadOnlySpan<byte> key)
    {
        var parts = Encoding.UTF8.GetString(key).Split('/');
        return parts.Length == 4 && int.TryParse(parts[0], out var sub) && int.TryParse(parts[2], out var partition)
            ? (sub, parts[1], partition, parts[3])
            : throw new SerializationException("a malformed key in the progress topic");
    }
}
