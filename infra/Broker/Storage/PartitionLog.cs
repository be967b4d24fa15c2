using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging;
using StreamPlatform.Broker.Wire;

namespace StreamPlatform.Broker.Storage;

/// <summary>
/// The log of one partition. <c>_gate</c> owns all state; files are written under it (into the page cache), fsynced outside it.
/// Its directory is made with the first append, so empty partitions cost nothing.
/// </summary>
internal sealed partial class PartitionLog : IPartitionLog
{
    private readonly Lock _gate = new();
    // One fsync at a time: of two that overlap only one is told of an error of the disk.
    private readonly Lock _fsyncGate = new();
    private readonly string _directory;
    private readonly LogContext _context;
    private readonly List<Segment> _segments = [];
    private readonly HashSet<FetchSignal> _waiters = [];
    private ProducerTable _producers = new();
    private LogSettings _settings;
    private long _nextOffset;
    private long _highWatermark;
    private long _logStartOffset;
    private TaskCompletionSource<ErrorCode>? _pendingFlush;
    private bool _flushing;
    private bool _failed;
    private bool _refusing;
    private bool _closed;

    public PartitionLog(string topic, int partition, string directory, LogSettings settings, LogContext context)
    {
        Topic = topic;
        Partition = partition;
        _directory = directory;
        _settings = settings;
        _context = context;
    }

    public string Topic { get; }
    public int Partition { get; }
    /// <summary>One node, one leader: the epoch never changes.</summary>
    public int LeaderEpoch => 0;

    public LogSettings Settings
    {
        get => Volatile.Read(ref _settings);
        set => Volatile.Write(ref _settings, value);
    }

    public long LogStartOffset { get { lock (_gate) { return _logStartOffset; } } }
    public long HighWatermark { get { lock (_gate) { return _highWatermark; } } }
    public long LastStableOffset { get { lock (_gate) { return StableOffset(); } } }
    public long SizeBytes { get { lock (_gate) { return _segments.Sum(segment => (long)segment.SizeBytes); } } }

    private string Name => $"{Topic}-{Partition}";

    public ProducerView? FindProducer(long producerId)
    {
        lock (_gate)
        {
            return _producers.Find(producerId)?.View();
        }
    }

    public IReadOnlyList<ProducerView> Producers
    {
        get
        {
            lock (_gate)
            {
                return [.. _producers.Producers.Select(producer => producer.View())];
            }
        }
    }

    public ValueTask<AppendResult> AppendAsync(ReadOnlyMemory<byte> batches, CancellationToken cancel = default)
    {
        for (var rest = batches; !rest.IsEmpty;)
        {
            var (error, message) = BatchChecks.Framing(rest.Span, out var header);
            if (error != ErrorCode.None)
            {
                return new(AppendResult.Failed(error, message));
            }
            rest = rest[header.TotalBytes..];
        }
        return AppendChecked(batches);
    }

    /// <summary>As <see cref="AppendAsync"/> for batches that <see cref="BatchChecks"/> has passed. Writes offset and epoch into the given memory.</summary>
    public ValueTask<AppendResult> AppendChecked(ReadOnlyMemory<byte> batches)
    {
        AppendResult result = default;
        var first = true;
        Task<ErrorCode>? flush;
        lock (_gate)
        {
            for (var rest = batches; !rest.IsEmpty;)
            {
                var header = BatchHeader.Parse(rest.Span);
                var one = AppendOne(rest[..header.TotalBytes], header);
                if (one.Error != ErrorCode.None)
                {
                    result = one;
                    break;
                }
                result = first ? one : result with { LastOffset = one.LastOffset };
                first = false;
                rest = rest[header.TotalBytes..];
            }
            flush = Publish();
        }
        return flush is null || result.Error != ErrorCode.None ? new(result) : AfterFlush(flush, result);
    }

    public ValueTask<AppendResult> AppendMarkerAsync(long producerId, short producerEpoch, int coordinatorEpoch, bool commit, CancellationToken cancel = default)
    {
        var batch = RecordBatchBuilder.Marker(_context.NowMs, producerId, producerEpoch, coordinatorEpoch, commit);
        AppendResult result;
        Task<ErrorCode>? flush;
        lock (_gate)
        {
            if (_producers.CheckMarker(producerId, producerEpoch, coordinatorEpoch) is not ErrorCode.None and var error)
            {
                return new(AppendResult.Failed(error, $"Marker of producer {producerId} epoch {producerEpoch} coordinator epoch {coordinatorEpoch} is fenced on {Name}"));
            }
            result = AppendOne(batch, BatchHeader.Parse(batch));
            flush = Publish();
        }
        return flush is null || result.Error != ErrorCode.None ? new(result) : AfterFlush(flush, result);
    }

    /// <summary>Wakes <paramref name="signal"/> whenever more becomes readable, until <see cref="RemoveWaiter"/>.</summary>
    public void AddWaiter(FetchSignal signal)
    {
        lock (_gate)
        {
            _waiters.Add(signal);
        }
    }

    public void RemoveWaiter(FetchSignal signal)
    {
        lock (_gate)
        {
            _waiters.Remove(signal);
        }
    }

    /// <summary>
    /// Called by the <see cref="Flusher"/>: makes everything appended so far durable and readable. After a failed flush it only tells the waiters.
    /// </summary>
    public void Flush()
    {
        lock (_fsyncGate)
        {
            FlushOnce();
        }
    }

    private void FlushOnce()
    {
        TaskCompletionSource<ErrorCode>? waiting;
        Segment? segment = null;
        long target;
        lock (_gate)
        {
            waiting = _pendingFlush;
            _pendingFlush = null;
            _flushing = true;
            target = _nextOffset;
            if (!_closed && !_failed && _segments.Count > 0)
            {
                segment = _segments[^1].AddReference();
            }
        }
        var flushed = true;
        try
        {
            if (segment is not null)
            {
                _context.FlushToDisk(segment.File);
            }
        }
        catch (IOException e)
        {
            flushed = false;
            Log.FlushFailed(_context.Logger, e, Name);
        }
        finally
        {
            segment?.Release();
        }
        bool failed;
        lock (_gate)
        {
            // After a failed fsync nobody knows what is on the disk, and the next one may succeed without it: nothing appended since the last
            // good flush is acknowledged or shown any more until recovery has looked.
            _failed |= !flushed;
            failed = _failed;
            if (!failed)
            {
                AdvanceHighWatermark(target);
            }
            _flushing = false;
            if (_pendingFlush is not null)
            {
                _context.Flusher!.Enqueue(this);
            }
        }
        waiting?.TrySetResult(failed ? ErrorCode.KafkaStorageError : ErrorCode.None);
    }

    private AppendResult AppendOne(ReadOnlyMemory<byte> batch, BatchHeader header)
    {
        if (_closed)
        {
            return AppendResult.Failed(ErrorCode.UnknownTopicOrPartition);
        }
        if (_failed)
        {
            return AppendResult.Failed(ErrorCode.KafkaStorageError, $"{Name} is offline after a failed flush until the broker restarts");
        }
        if (header.HasProducer && !header.IsControl)
        {
            var (error, duplicate, message) = _producers.Check(header);
            if (error != ErrorCode.None)
            {
                return AppendResult.Failed(error, message);
            }
            if (duplicate is { } known)
            {
                return new AppendResult(ErrorCode.None, known.FirstOffset, known.LastOffset, -1, _logStartOffset);
            }
        }
        var bytes = MemoryMarshal.AsMemory(batch).Span;
        var nowMs = _context.NowMs;
        header = Stamp(bytes, header, nowMs);
        try
        {
            ActiveSegment(bytes.Length, nowMs).Append(bytes, header);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            if (!_refusing)
            {
                // once per spell: a full disk refuses every retry of every producer
                _refusing = true;
                Log.AppendFailed(_context.Logger, e, Name);
            }
            return AppendResult.Failed(ErrorCode.KafkaStorageError, e.Message);
        }
        if (_refusing)
        {
            _refusing = false;
            Log.AppendsAgain(_context.Logger, Name);
        }
        _nextOffset = header.LastOffset + 1;
        ApplyToProducers(header, batch, nowMs);
        return new AppendResult(ErrorCode.None, header.BaseOffset, header.LastOffset, header.IsLogAppendTime ? nowMs : -1, _logStartOffset);
    }

    private void ApplyToProducers(BatchHeader header, ReadOnlyMemory<byte> batch, long nowMs)
    {
        if (!header.IsControl)
        {
            _producers.Apply(header, nowMs);
        }
        else if (RecordBatchReader.Marker(header, batch) is { } marker)
        {
            _producers.ApplyMarker(header, marker.Commit, marker.CoordinatorEpoch, _highWatermark, nowMs);
        }
    }

    // Base offset and leader epoch are outside the CRC; append time is inside it.
    private BatchHeader Stamp(Span<byte> bytes, BatchHeader header, long nowMs)
    {
        BinaryPrimitives.WriteInt64BigEndian(bytes, _nextOffset);
        BinaryPrimitives.WriteInt32BigEndian(bytes[BatchHeader.LeaderEpochAt..], LeaderEpoch);
        if (Settings.LogAppendTime && !header.IsControl)
        {
            BinaryPrimitives.WriteInt16BigEndian(bytes[BatchHeader.AttributesAt..], (short)(header.Attributes | BatchHeader.LogAppendTimeFlag));
            BinaryPrimitives.WriteInt64BigEndian(bytes[BatchHeader.MaxTimestampAt..], nowMs);
            BinaryPrimitives.WriteUInt32BigEndian(bytes[BatchHeader.CrcAt..], Crc32C.Compute(bytes[BatchHeader.AttributesAt..]));
        }
        else if (header.IsLogAppendTime)
        {
            BinaryPrimitives.WriteInt16BigEndian(bytes[BatchHeader.AttributesAt..], (short)(header.Attributes & ~BatchHeader.LogAppendTimeFlag));
            BinaryPrimitives.WriteUInt32BigEndian(bytes[BatchHeader.CrcAt..], Crc32C.Compute(bytes[BatchHeader.AttributesAt..]));
        }
        return BatchHeader.Parse(bytes);
    }

    private Segment ActiveSegment(int bytes, long nowMs)
    {
        if (_segments.Count == 0)
        {
            Directory.CreateDirectory(_directory);
            AddSegment();
            if (_context.Durable)
            {
                // logs/<topic>/<partition>: each new name is made durable in its parent
                var topic = Path.GetDirectoryName(_directory)!;
                var logs = Path.GetDirectoryName(topic)!;
                DirectorySync.Flush(topic);
                DirectorySync.Flush(logs);
                DirectorySync.Flush(Path.GetDirectoryName(logs)!);
            }
        }
        var active = _segments[^1];
        var settings = Settings;
        if (active.SizeBytes > 0)
        {
            active.FirstAppendMs ??= active.NewestMs;
            if ((long)active.SizeBytes + bytes > settings.SegmentBytes || nowMs - active.FirstAppendMs > settings.SegmentMs)
            {
                active = Roll();
            }
        }
        active.FirstAppendMs ??= nowMs;
        return active;
    }

    // A sealed segment is on the disk with its index before the next one is used: recovery scans only the last one.
    private Segment Roll()
    {
        var sealedSegment = _segments[^1];
        try
        {
            _context.FlushToDisk(sealedSegment.File);
        }
        catch (IOException e)
        {
            _failed = true;
            Log.FlushFailed(_context.Logger, e, Name);
            throw;
        }
        sealedSegment.SaveIndex();
        ProducerSnapshot.Save(_directory, _nextOffset, _producers);
        return AddSegment();
    }

    private Segment AddSegment()
    {
        var segment = Segment.Open(_directory, _nextOffset);
        _segments.Add(segment);
        if (_context.Durable)
        {
            DirectorySync.Flush(_directory);
        }
        return segment;
    }

    // Null: nothing to wait for.
    private Task<ErrorCode>? Publish()
    {
        if (_nextOffset == _highWatermark)
        {
            return null;
        }
        if (!_context.Durable)
        {
            AdvanceHighWatermark(_nextOffset);
            return null;
        }
        if (_pendingFlush is null)
        {
            _pendingFlush = new TaskCompletionSource<ErrorCode>(TaskCreationOptions.RunContinuationsAsynchronously);
            if (!_flushing)
            {
                // else the flush in work queues the next one when it ends
                _context.Flusher!.Enqueue(this);
            }
        }
        return _pendingFlush.Task;
    }

    private void AdvanceHighWatermark(long offset)
    {
        if (offset <= _highWatermark)
        {
            return;
        }
        _highWatermark = offset;
        _producers.Settle(offset);
        SignalWaiters();
    }

    private void SignalWaiters()
    {
        foreach (var waiter in _waiters)
        {
            waiter.Set();
        }
    }

    private long StableOffset() => Math.Min(_producers.FirstUnstable(), _highWatermark);

    private static async ValueTask<AppendResult> AfterFlush(Task<ErrorCode> flush, AppendResult result)
    {
        var error = await flush.ConfigureAwait(false);
        return error == ErrorCode.None ? result : AppendResult.Failed(error, "the write could not be flushed to disk");
    }
}
