using Microsoft.Extensions.Logging;
using StreamPlatform.Broker.Wire;

namespace StreamPlatform.Broker.Storage;

internal sealed partial class PartitionLog
{
    /// <summary>Deletes segments that are too old or too much, and forgets silent producers. The end of the log is never lost: the last segment is
    /// rolled before it is deleted. Only what is below the high watermark goes.</summary>
    public void ApplyRetention(long nowMs, long producerExpiryMs)
    {
        lock (_gate)
        {
            if (_closed || _failed)
            {
                return;
            }
            _producers.Expire(nowMs - producerExpiryMs);
            var settings = Settings;
            if (!settings.Delete || _segments.Count == 0)
            {
                return;
            }
            var expired = 0;
            if (settings.RetentionMs >= 0)
            {
                while (expired < _segments.Count && _segments[expired] is { SizeBytes: > 0 } segment
                    && segment.NextOffset <= _highWatermark && nowMs - segment.NewestMs > settings.RetentionMs)
                {
                    expired++;
                }
            }
            if (settings.RetentionBytes >= 0)
            {
                var size = _segments.Skip(expired).Sum(segment => (long)segment.SizeBytes);
                while (expired < _segments.Count - 1 && size - _segments[expired].SizeBytes >= settings.RetentionBytes)
                {
                    size -= _segments[expired++].SizeBytes;
                }
            }
            if (expired > 0)
            {
                DropSegments(expired);
            }
        }
    }

    /// <summary>DeleteRecords: everything before the offset (-1: the high watermark) becomes unreadable. Returns the new start of the log, or an error.</summary>
    public (ErrorCode Error, long LogStartOffset) DeleteBefore(long offset)
    {
        lock (_gate)
        {
            if (_closed)
            {
                return (ErrorCode.UnknownTopicOrPartition, -1);
            }
            var target = offset == -1 ? _highWatermark : offset;
            if (target < 0 || target > _highWatermark)
            {
                return (ErrorCode.OffsetOutOfRange, -1);
            }
            if (target > _logStartOffset)
            {
                _logStartOffset = target;
                SaveStartOffset();
                var obsolete = 0;
                while (obsolete < _segments.Count - 1 && _segments[obsolete].NextOffset <= target)
                {
                    obsolete++;
                }
                DropSegments(obsolete);
            }
            return (ErrorCode.None, _logStartOffset);
        }
    }

    private void DropSegments(int count)
    {
        if (count == _segments.Count)
        {
            Roll();
        }
        var bytes = _segments.Take(count).Sum(segment => (long)segment.SizeBytes);
        _logStartOffset = Math.Max(_logStartOffset, _segments[count].BaseOffset);
        // The start offset is on the disk first: a crash in between leaves files that are merely deleted later.
        SaveStartOffset();
        _segments.Take(count).ToList().ForEach(segment => segment.Delete());
        _segments.RemoveRange(0, count);
        _producers.CutBefore(_logStartOffset);
        if (count > 0)
        {
            Log.SegmentsDeleted(_context.Logger, Name, count, bytes, _logStartOffset);
        }
    }
}
