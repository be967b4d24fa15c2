using StreamPlatform.Broker.Wire;

namespace StreamPlatform.Broker.Storage;

internal sealed partial class PartitionLog
{
    public ReadOnlyMemory<byte> Read(long offset, int maxBytes, IsolationLevel isolation = IsolationLevel.ReadUncommitted)
    {
        using var plan = PlanRead(offset, maxBytes, isolation, atLeastOneBatch: true);
        if (plan.Error != ErrorCode.None || plan.Length == 0)
        {
            return ReadOnlyMemory<byte>.Empty;
        }
        var bytes = new byte[plan.Length];
        plan.Read(bytes);
        return bytes;
    }

    /// <summary>Finds the whole batches from <paramref name="offset"/> on, at most <paramref name="maxBytes"/>, unless the first alone is larger and is wanted.</summary>
    public ReadPlan PlanRead(long offset, int maxBytes, IsolationLevel isolation, bool atLeastOneBatch)
    {
        Segment segment;
        long highWatermark, stable, start, limit;
        int from, boundary, size;
        lock (_gate)
        {
            (highWatermark, stable, start) = (_highWatermark, StableOffset(), _logStartOffset);
            limit = isolation == IsolationLevel.ReadCommitted ? stable : highWatermark;
            if (_closed || offset < start || offset > _nextOffset)
            {
                return new ReadPlan(_closed ? ErrorCode.UnknownTopicOrPartition : ErrorCode.OffsetOutOfRange, highWatermark, stable, start, null, 0, 0, null);
            }
            if (offset >= limit || FindSegment(offset) is not { } found)
            {
                return new ReadPlan(ErrorCode.None, highWatermark, stable, start, null, 0, 0, null);
            }
            segment = found.AddReference();
            size = segment.SizeBytes;
            from = segment.Index.PositionBefore(offset);
            // -1: the whole segment is readable
            boundary = segment.NextOffset <= limit ? -1 : segment.Index.PositionBefore(limit);
            limit = Math.Min(limit, segment.NextOffset);
        }
        var position = Locate(segment, from, size, offset, out var firstBatch);
        var end = boundary < 0 ? size : Locate(segment, boundary, size, limit, out _);
        var length = end - position;
        var upTo = limit;
        if (length > maxBytes)
        {
            (length, upTo) = WholeBatches(segment, position, end, maxBytes);
            if (length == 0 && atLeastOneBatch)
            {
                (length, upTo) = (firstBatch.TotalBytes, firstBatch.LastOffset + 1);
            }
        }
        if (length <= 0)
        {
            segment.Release();
            return new ReadPlan(ErrorCode.None, highWatermark, stable, start, null, 0, 0, null);
        }
        List<AbortedTransaction>? aborted = null;
        if (isolation == IsolationLevel.ReadCommitted)
        {
            lock (_gate)
            {
                aborted = _producers.AbortedIn(offset, upTo);
            }
        }
        return new ReadPlan(ErrorCode.None, highWatermark, stable, start, segment, position, length, aborted);
    }

    /// <summary>The first record with at least this timestamp: (-1, -1) if there is none below the limit of the isolation level.
    /// Exact for uncompressed and gzip batches; for other codecs the batch's first offset, so never too late.</summary>
    public (long Offset, long TimestampMs) FindByTime(long timestampMs, IsolationLevel isolation)
    {
        List<(Segment Segment, int From, int Size)> candidates;
        long limit, start;
        lock (_gate)
        {
            limit = isolation == IsolationLevel.ReadCommitted ? StableOffset() : _highWatermark;
            start = _logStartOffset;
            candidates = [.. _segments.Where(segment => segment.SizeBytes > 0 && segment.Index.MaxTimestampMs >= timestampMs)
                .Select(segment => (segment.AddReference(), segment.Index.PositionBeforeTime(timestampMs), segment.SizeBytes))];
        }
        try
        {
            foreach (var (segment, from, size) in candidates)
            {
                using var scanner = new BatchScanner(segment.File, from, size);
                while (scanner.MoveNext() && scanner.Current.BaseOffset < limit)
                {
                    var header = scanner.Current;
                    if (header.MaxTimestampMs >= timestampMs && header.LastOffset >= start && !header.IsControl)
                    {
                        var found = RecordTimes.First(header, scanner.Body(), timestampMs, start);
                        if (found.Offset >= 0)
                        {
                            return found;
                        }
                    }
                }
            }
            return (-1, -1);
        }
        finally
        {
            candidates.ForEach(candidate => candidate.Segment.Release());
        }
    }

    /// <summary>The record with the largest timestamp (for compressed batches their last record); (-1, -1) in an empty log.</summary>
    public (long Offset, long TimestampMs) FindMaxTimestamp()
    {
        long largest;
        lock (_gate)
        {
            largest = _segments.Count == 0 ? -1 : _segments.Max(segment => segment.Index.MaxTimestampMs);
        }
        return largest < 0 ? (-1, -1) : FindByTime(largest, IsolationLevel.ReadUncommitted);
    }

    // The segment that holds the first batch ending at or after the offset.
    private Segment? FindSegment(long offset)
    {
        int low = 0, high = _segments.Count;
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (_segments[middle].NextOffset <= offset)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }
        return low < _segments.Count ? _segments[low] : null;
    }

    // Position of the first batch whose last offset is at least the wanted one; the size if there is none.
    private static int Locate(Segment segment, int from, int size, long offset, out BatchHeader batch)
    {
        using var scanner = new BatchScanner(segment.File, from, size);
        while (scanner.MoveNext())
        {
            if (scanner.Current.LastOffset >= offset)
            {
                batch = scanner.Current;
                return scanner.Position;
            }
        }
        batch = default;
        return size;
    }

    private (int Length, long UpTo) WholeBatches(Segment segment, int position, int end, int maxBytes)
    {
        int from;
        lock (_gate)
        {
            from = Math.Max(position, segment.Index.PositionAtOrBefore(position + Math.Max(0, maxBytes)));
        }
        var length = from - position;
        var upTo = -1L;
        using var scanner = new BatchScanner(segment.File, from, end);
        while (scanner.MoveNext())
        {
            if (upTo < 0)
            {
                upTo = scanner.Current.BaseOffset;
            }
            if (scanner.NextPosition - position > maxBytes)
            {
                break;
            }
            length = scanner.NextPosition - position;
            upTo = scanner.Current.LastOffset + 1;
        }
        return (length, upTo);
    }
}
