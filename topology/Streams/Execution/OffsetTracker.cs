namespace StreamPlatform.Streams;

/// <summary>
/// Which records of one partition are finished. The base is the offset below which all are; beyond it, finished ones are remembered
/// one by one. Offsets may have gaps (transaction markers, compaction), so only offsets that were read count.
/// </summary>
internal sealed class OffsetTracker
{
    private readonly Queue<Entry> unfinishedPrefix = new();
    private readonly HashSet<long> restoredFinished;
    private readonly HashSet<long> finishedBeyond = [];

    /// <summary>A record between its reading and its base passing over it.</summary>
    internal sealed class Entry(long offset, long streamTimeMs)
    {
        public long Offset { get; } = offset;
        public long StreamTimeMs { get; } = streamTimeMs;
        public bool Finished { get; set; }
    }

    public OffsetTracker(long baseOffset, IEnumerable<long>? finished = null, long streamTimeMs = -1)
    {
        Base = baseOffset;
        NextRead = baseOffset;
        restoredFinished = finished is null ? [] : [.. finished.Where(o => o >= baseOffset)];
        ReadStreamTimeMs = streamTimeMs;
        WatermarkMs = streamTimeMs;
        foreach (var offset in restoredFinished) finishedBeyond.Add(offset);
    }

    /// <summary>Every record read below it is finished.</summary>
    public long Base { get; private set; }
    /// <summary>One past the last offset read.</summary>
    public long NextRead { get; private set; }
    /// <summary>Largest timestamp of the records read, ms; -1 before the first.</summary>
    public long ReadStreamTimeMs { get; private set; }
    /// <summary>Largest timestamp of the finished prefix, ms; -1 before the first.</summary>
    public long WatermarkMs { get; private set; }
    public int Unfinished { get; private set; }
    /// <summary>Offsets between the base and the last read.</summary>
    public long Span => NextRead - Base;
    /// <summary>Finished offsets at or beyond the base.</summary>
    public IReadOnlyCollection<long> FinishedBeyond => finishedBeyond;

    /// <summary>
    /// Notes a record read. Returns null if an earlier life of the task finished it (skip it; its time still counts).
    /// </summary>
    /// <exception cref="InvalidOperationException">The offset was read before: the transport went back.</exception>
    public Entry? Read(long offset, long timestampMs)
    {
        if (offset < NextRead) throw new InvalidOperationException($"offset {offset} was read already (next is {NextRead})");
        NextRead = offset + 1;
        ReadStreamTimeMs = Math.Max(ReadStreamTimeMs, timestampMs);
        var entry = new Entry(offset, ReadStreamTimeMs);
        unfinishedPrefix.Enqueue(entry);
        if (restoredFinished.Remove(offset))
        {
            entry.Finished = true;
            Advance();
            return null;
        }
        Unfinished++;
        if (unfinishedPrefix.Count == 1) Base = offset; // gaps before it hold no records
        return entry;
    }

    public void Finish(Entry entry)
    {
        if (entry.Finished) throw new InvalidOperationException($"offset {entry.Offset} finished twice");
        entry.Finished = true;
        Unfinished--;
        finishedBeyond.Add(entry.Offset);
        Advance();
    }

    /// <summary>The partition is read to its end: markers behind the last record need no finish.</summary>
    public void ReadToEnd(long endOffset)
    {
        if (endOffset <= NextRead) return;
        NextRead = endOffset;
        if (unfinishedPrefix.Count == 0) Base = endOffset;
    }

    private void Advance()
    {
        while (unfinishedPrefix.TryPeek(out var first) && first.Finished)
        {
            unfinishedPrefix.Dequeue();
            finishedBeyond.Remove(first.Offset);
            WatermarkMs = Math.Max(WatermarkMs, first.StreamTimeMs);
            Base = first.Offset + 1;
        }
        Base = unfinishedPrefix.TryPeek(out var next) ? next.Offset : NextRead;
        if (restoredFinished.Count == 0) return;
        // finished in an earlier life and compacted away since: never read again
        if (restoredFinished.RemoveWhere(o => o < Base) > 0) finishedBeyond.RemoveWhere(o => o < Base);
    }
}
