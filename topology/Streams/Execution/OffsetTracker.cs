namespace StreamPlatform.Streams;

/// <summary>
/// Which records of one partition are finished. The base is the offset below which all are; beyond it, finished ones are remembered
/// one by one, in a ring without an object per record. Offsets may have gaps (transaction markers, compaction), so only offsets that were read count.
/// </summary>
internal sealed class OffsetTracker
{
    private Slot[] ring = new Slot[64]; // length is a power of two
    private long head; // ticket of the first record that is not passed
    private long tail; // ticket of the next record
    private readonly HashSet<long> restoredFinished;
    private readonly Queue<long> restoredInOrder;
    private int finishedAhead;

    private struct Slot
    {
        public long Offset;
        public long StreamTimeMs;
        public bool Finished;
    }

    /// <summary>A record between its reading and its finish.</summary>
    internal readonly record struct Entry(long Ticket, long Offset, long StreamTimeMs);

    public OffsetTracker(long baseOffset, IEnumerable<long>? finished = null, long streamTimeMs = -1)
    {
        Base = baseOffset;
        NextRead = baseOffset;
        restoredFinished = finished is null ? [] : [.. finished.Where(o => o >= baseOffset)];
        restoredInOrder = new(restoredFinished.Order());
        ReadStreamTimeMs = streamTimeMs;
        WatermarkMs = streamTimeMs;
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
    public IEnumerable<long> FinishedBeyond
    {
        get
        {
            if (finishedAhead > 0)
                for (var ticket = head; ticket < tail; ticket++)
                    if (At(ticket) is { Finished: true } slot) yield return slot.Offset;
            foreach (var offset in restoredFinished) yield return offset;
        }
    }

    /// <summary>
    /// Notes a record read. Returns null if an earlier life of the task finished it (skip it; its time still counts).
    /// </summary>
    /// <exception cref="InvalidOperationException">The offset was read before: the transport went back.</exception>
    public Entry? Read(long offset, long timestampMs)
    {
        if (offset < NextRead) throw new InvalidOperationException($"offset {offset} was read already (next is {NextRead})");
        NextRead = offset + 1;
        ReadStreamTimeMs = Math.Max(ReadStreamTimeMs, timestampMs);
        if (tail - head == ring.Length) Grow();
        var done = restoredFinished.Count > 0 && restoredFinished.Remove(offset);
        var ticket = tail++;
        At(ticket) = new Slot { Offset = offset, StreamTimeMs = ReadStreamTimeMs, Finished = done };
        if (done)
        {
            finishedAhead++;
            Advance();
            return null;
        }
        Unfinished++;
        if (ticket == head) Base = offset; // gaps before it hold no records
        return new Entry(ticket, offset, ReadStreamTimeMs);
    }

    public void Finish(Entry entry)
    {
        if (entry.Ticket < head || At(entry.Ticket).Finished) throw new InvalidOperationException($"offset {entry.Offset} finished twice");
        At(entry.Ticket).Finished = true;
        Unfinished--;
        finishedAhead++;
        if (entry.Ticket == head) Advance();
    }

    /// <summary>The partition is read to its end: markers behind the last record need no finish.</summary>
    public void ReadToEnd(long endOffset)
    {
        if (endOffset <= NextRead) return;
        NextRead = endOffset;
        if (head == tail) Base = endOffset;
    }

    private void Advance()
    {
        while (head < tail && At(head).Finished)
        {
            WatermarkMs = Math.Max(WatermarkMs, At(head).StreamTimeMs);
            finishedAhead--;
            head++;
        }
        Base = head < tail ? At(head).Offset : NextRead;
        // finished in an earlier life and compacted away since: never read again
        while (restoredInOrder.TryPeek(out var first) && first < Base) restoredFinished.Remove(restoredInOrder.Dequeue());
    }

    private ref Slot At(long ticket) => ref ring[(int)(ticket & (ring.Length - 1))];

    private void Grow()
    {
        var larger = new Slot[ring.Length * 2];
        for (var ticket = head; ticket < tail; ticket++) larger[(int)(ticket & (larger.Length - 1))] = At(ticket);
        ring = larger;
    }
}
