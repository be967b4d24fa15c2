namespace StreamPlatform.Streams;

/// <summary>
/// Records that wait for their transaction. Their bytes lie in a few large blocks and what else is known of them in one array, so that a hundred thousand waiting
/// records are not a hundred thousand objects for the garbage collector. Emptied and reused once the commit is acknowledged.
/// </summary>
internal sealed class OutputBuffer
{
    private const int BlockBytes = 256 * 1024;
    private readonly List<byte[]> blocks = [];
    private readonly List<string> topics = [];
    private readonly List<RecordHeaders> headers = [];
    private Entry[] entries = new Entry[64];
    private int block = -1;
    private int used;
    private int lastTopic = -1;

    /// <summary>No references: nothing here is looked at by the collector.</summary>
    private struct Entry
    {
        public long TimestampMs;
        public int Topic;
        public int Partition;
        public int Block;
        public int Start;
        /// <summary>-1 = null.</summary>
        public int KeyLength;
        public int ValueLength;
        public int Headers;
    }

    public int Count { get; private set; }

    /// <summary>Of keys, values and headers.</summary>
    public long Bytes { get; private set; }

    public void Add(in OutputRecord record)
    {
        var key = record.Key;
        var value = record.Value;
        var length = key.Length + value.Length;
        var target = Reserve(length);
        key.CopyTo(target.AsSpan(used));
        value.CopyTo(target.AsSpan(used + key.Length));
        if (Count == entries.Length) Array.Resize(ref entries, entries.Length * 2);
        ref var entry = ref entries[Count++];
        entry.TimestampMs = record.TimestampMs;
        entry.Topic = TopicOf(record.Topic);
        entry.Partition = record.Partition;
        entry.Block = block;
        entry.Start = used;
        entry.KeyLength = record.HasKey ? key.Length : -1;
        entry.ValueLength = record.HasValue ? value.Length : -1;
        entry.Headers = -1;
        used += length;
        Bytes += length + 64;
        if (record.Headers is not { Count: > 0 } some) return;
        entry.Headers = headers.Count;
        headers.Add(some);
        Bytes += 128 * some.Count;
    }

    public OutputRecord this[int index]
    {
        get
        {
            ref var entry = ref entries[index];
            var bytes = entry.Block < 0 ? [] : blocks[entry.Block];
            var keyLength = Math.Max(0, entry.KeyLength);
            return new OutputRecord(topics[entry.Topic], entry.Partition, entry.TimestampMs,
                entry.KeyLength < 0 ? null : bytes, entry.Start, keyLength,
                entry.ValueLength < 0 ? null : bytes, entry.Start + keyLength, Math.Max(0, entry.ValueLength),
                entry.Headers < 0 ? null : headers[entry.Headers]);
        }
    }

    /// <summary>Forgets the records and keeps room for as many.</summary>
    public void Clear()
    {
        Count = 0;
        Bytes = 0;
        used = 0;
        lastTopic = -1;
        topics.Clear();
        headers.Clear();
        blocks.RemoveAll(static b => b.Length > BlockBytes);
        block = blocks.Count > 0 ? 0 : -1;
    }

    private byte[] Reserve(int length)
    {
        if (block >= 0 && blocks[block].Length - used >= length) return blocks[block];
        used = 0;
        if (length > BlockBytes) // a block of its own; the one before is full enough
        {
            blocks.Insert(++block, new byte[length]);
            return blocks[block];
        }
        if (++block == blocks.Count) blocks.Add(new byte[BlockBytes]);
        return blocks[block];
    }

    private int TopicOf(string topic)
    {
        if (lastTopic >= 0 && ReferenceEquals(topics[lastTopic], topic)) return lastTopic;
        lastTopic = topics.IndexOf(topic);
        if (lastTopic >= 0) return lastTopic;
        topics.Add(topic);
        return lastTopic = topics.Count - 1;
    }
}
