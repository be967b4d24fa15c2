using System.Globalization;
using System.Text;
using Microsoft.Extensions.Logging;
using StreamPlatform.Broker.Wire;

namespace StreamPlatform.Broker.Storage;

internal sealed partial class PartitionLog
{
    private const string StartOffsetFile = "start-offset";

    /// <summary>
    /// Opens the segments. One whose saved index matches its size was sealed or closed cleanly and is trusted; any other is scanned batch by batch
    /// (size, format, offsets, CRC) and cut at the last valid batch. After a cut the later segments are set aside as *.dropped.
    /// Then the producer table is brought up to date from the latest snapshot. Returns the bytes scanned.
    /// </summary>
    public long Recover(bool cleanShutdown)
    {
        if (!Directory.Exists(_directory))
        {
            return 0;
        }
        lock (_gate)
        {
            _logStartOffset = ReadStartOffset();
            var scanned = OpenSegments(cleanShutdown);
            if (_segments.Count > 0)
            {
                _logStartOffset = Math.Max(_logStartOffset, _segments[0].BaseOffset);
                _nextOffset = _segments[^1].NextOffset;
            }
            _nextOffset = Math.Max(_nextOffset, _logStartOffset);
            _highWatermark = _nextOffset;
            RecoverProducers();
            if (scanned > 0 && _context.Durable)
            {
                // What kill -9 left in the page cache counts as written from here on.
                RandomAccess.FlushToDisk(_segments[^1].File);
            }
            return scanned;
        }
    }

    /// <summary>Flushes, saves the indexes and the producer table, closes the files.</summary>
    public void Close()
    {
        Flush();
        lock (_gate)
        {
            if (_closed)
            {
                return;
            }
            _closed = true;
            SignalWaiters();
            if (_segments.Count > 0 && !_failed)
            {
                _context.FlushToDisk(_segments[^1].File);
                _segments[^1].SaveIndex();
                ProducerSnapshot.Save(_directory, _nextOffset, _producers);
            }
            _segments.ForEach(segment => segment.Release());
            _segments.Clear();
        }
    }

    /// <summary>Closes without saving anything and removes the directory.</summary>
    public void Delete()
    {
        lock (_gate)
        {
            _closed = true;
            SignalWaiters();
            _segments.ForEach(segment => segment.Release());
            _segments.Clear();
        }
        if (Directory.Exists(_directory))
        {
            Directory.Delete(_directory, recursive: true);
        }
    }

    private long OpenSegments(bool cleanShutdown)
    {
        var scanned = 0L;
        var paths = Directory.GetFiles(_directory, "*" + Segment.LogSuffix)
            .Where(path => Path.GetFileNameWithoutExtension(path).All(char.IsAsciiDigit))
            .Order(StringComparer.Ordinal).ToList();
        for (var i = 0; i < paths.Count; i++)
        {
            var baseOffset = long.Parse(Path.GetFileNameWithoutExtension(paths[i]), CultureInfo.InvariantCulture);
            var segment = Segment.Open(_directory, baseOffset);
            _segments.Add(segment);
            var length = RandomAccess.GetLength(segment.File);
            var last = i == paths.Count - 1;
            if ((cleanShutdown || !last) && SegmentIndex.Load(segment.IndexPath, length) is { } saved)
            {
                (segment.Index, segment.NextOffset, segment.SizeBytes) = (saved.Index, saved.NextOffset, (int)length);
                continue;
            }
            scanned += length;
            if (ScanAndCut(segment, length, mayHaveGaps: Settings.Compact && !last) && !last)
            {
                SetAside(paths.Skip(i + 1));
                break;
            }
        }
        return scanned;
    }

    // True if something was cut off. Offset and epoch are outside the CRC: only compaction leaves gaps, and never in the last segment.
    private bool ScanAndCut(Segment segment, long length, bool mayHaveGaps)
    {
        var end = (int)Math.Min(length, int.MaxValue);
        var valid = 0;
        var index = new SegmentIndex();
        var next = segment.BaseOffset;
        using (var scanner = new BatchScanner(segment.File, 0, end, bufferBytes: 1 << 20))
        {
            while (scanner.MoveNext())
            {
                var header = scanner.Current;
                if (header.BaseOffset < next || (header.BaseOffset > next && !mayHaveGaps) || header.LeaderEpoch != LeaderEpoch || !header.CrcMatches(scanner.Body().Span))
                {
                    break;
                }
                index.Add(header.BaseOffset, scanner.Position, header.MaxTimestampMs);
                next = header.LastOffset + 1;
                valid = scanner.NextPosition;
            }
        }
        (segment.Index, segment.NextOffset, segment.SizeBytes) = (index, next, valid);
        if (valid == length)
        {
            return false;
        }
        KeepCutBytes(segment, valid, length);
        RandomAccess.SetLength(segment.File, valid);
        Log.TailCut(_context.Logger, Name, Path.GetFileName(segment.Path), valid, length - valid, next);
        return true;
    }

    // A torn tail is one unfinished write. More than that is damage: its bytes are kept beside the log for whoever wants to look.
    private static void KeepCutBytes(Segment segment, int valid, long length)
    {
        const int TornWriteBytes = 1 << 20;
        if (length - valid <= TornWriteBytes)
        {
            return;
        }
        using var target = File.OpenHandle(segment.Path + ".cut", FileMode.Create, FileAccess.Write);
        var buffer = new byte[TornWriteBytes];
        for (long from = valid; from < length;)
        {
            var read = RandomAccess.Read(segment.File, buffer, from);
            if (read == 0)
            {
                break;
            }
            RandomAccess.Write(target, buffer.AsSpan(0, read), from - valid);
            from += read;
        }
    }

    private void SetAside(IEnumerable<string> paths)
    {
        foreach (var path in paths)
        {
            File.Move(path, path + ".dropped", overwrite: true);
            Log.SegmentDropped(_context.Logger, Name, Path.GetFileName(path));
        }
    }

    private void RecoverProducers()
    {
        var nowMs = _context.NowMs;
        (_producers, var from) = ProducerSnapshot.LoadLatest(_directory, _nextOffset, nowMs);
        foreach (var segment in _segments.Where(segment => segment.NextOffset > from))
        {
            using var scanner = new BatchScanner(segment.File, segment.Index.PositionBefore(from), segment.SizeBytes);
            while (scanner.MoveNext())
            {
                var header = scanner.Current;
                if (header.BaseOffset >= from && header.HasProducer)
                {
                    ApplyToProducers(header, header.IsControl ? scanner.Body() : default, nowMs);
                }
            }
        }
        _producers.CutBefore(_logStartOffset);
        _producers.Settle(_highWatermark);
    }

    private long ReadStartOffset()
    {
        var path = Path.Combine(_directory, StartOffsetFile);
        return File.Exists(path) && long.TryParse(File.ReadAllText(path), NumberStyles.None, CultureInfo.InvariantCulture, out var offset) ? offset : 0;
    }

    private void SaveStartOffset() =>
        AtomicFile.Write(Path.Combine(_directory, StartOffsetFile), Encoding.ASCII.GetBytes(_logStartOffset.ToString(CultureInfo.InvariantCulture)), _context.Durable);
}
