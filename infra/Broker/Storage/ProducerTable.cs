using StreamPlatform.Broker.Wire;

namespace StreamPlatform.Broker.Storage;

/// <summary>An aborted transaction as the log keeps it: <see cref="LastStableOffset"/> is the partition's after its marker, which ends the search of a fetch.</summary>
internal readonly record struct AbortedEntry(long ProducerId, long FirstOffset, long LastOffset, long LastStableOffset);

/// <summary>
/// Producers, open transactions and aborted transactions of one partition, a function of the batches in the log (rules: Kafka's
/// ProducerStateManager and ProducerAppendInfo). Not synchronised: the partition's lock owns it.
/// </summary>
internal sealed class ProducerTable
{
    private readonly Dictionary<long, ProducerEntry> _producers = [];
    private readonly SortedSet<(long FirstOffset, long ProducerId)> _open = [];
    // ended by a marker that is not yet below the high watermark: still unstable
    private readonly List<(long FirstOffset, long MarkerOffset)> _ending = [];
    private readonly List<AbortedEntry> _aborted = [];

    public IEnumerable<ProducerEntry> Producers => _producers.Values;
    public IReadOnlyList<AbortedEntry> Aborted => _aborted;

    public ProducerEntry? Find(long producerId) => _producers.GetValueOrDefault(producerId);

    public void Restore(ProducerEntry entry)
    {
        _producers[entry.ProducerId] = entry;
        if (entry.TransactionStart >= 0)
        {
            _open.Add((entry.TransactionStart, entry.ProducerId));
        }
    }

    public void Restore(AbortedEntry entry) => _aborted.Add(entry);

    /// <summary>Whether a batch from a client may be appended. A duplicate is None with the batch it repeats.</summary>
    public (ErrorCode Error, ProducerBatch? Duplicate, string? Message) Check(in BatchHeader batch)
    {
        if (!_producers.TryGetValue(batch.ProducerId, out var entry))
        {
            // Unknown here, perhaps because its records are gone by retention: any sequence is accepted.
            return default;
        }
        if (batch.ProducerEpoch < entry.Epoch)
        {
            return (ErrorCode.InvalidProducerEpoch, null, $"Epoch of producer {batch.ProducerId} is {batch.ProducerEpoch}, which is smaller than the last seen epoch {entry.Epoch}");
        }
        if (batch.BaseSequence < 0)
        {
            // Written by a coordinator: ordered by itself.
            return default;
        }
        if (entry.FindDuplicate(batch.ProducerEpoch, batch.BaseSequence, batch.LastSequence) is { } duplicate)
        {
            return (ErrorCode.None, duplicate, null);
        }
        var expected = batch.ProducerEpoch != entry.Epoch ? 0 : entry.LastSequence < 0 ? 0 : ProducerSequence.Add(entry.LastSequence, 1);
        return batch.BaseSequence == expected
            ? default
            : (ErrorCode.OutOfOrderSequenceNumber, null, $"Out of order sequence number for producer {batch.ProducerId}: {batch.BaseSequence} (incoming), {expected} (expected)");
    }

    /// <summary>Whether a marker may be appended.</summary>
    public ErrorCode CheckMarker(long producerId, short epoch, int coordinatorEpoch)
    {
        if (!_producers.TryGetValue(producerId, out var entry))
        {
            return ErrorCode.None;
        }
        return epoch < entry.Epoch ? ErrorCode.InvalidProducerEpoch
            : coordinatorEpoch < entry.CoordinatorEpoch ? ErrorCode.TransactionCoordinatorFenced
            : ErrorCode.None;
    }

    /// <summary>Notes a data batch that is in the log; <paramref name="seenMs"/> is the broker's clock, for expiry.</summary>
    public void Apply(in BatchHeader batch, long seenMs)
    {
        if (!batch.HasProducer)
        {
            return;
        }
        var entry = Entry(batch.ProducerId, batch.ProducerEpoch);
        if (batch.BaseSequence >= 0)
        {
            entry.Remember(new ProducerBatch(batch.BaseSequence, batch.LastSequence, batch.BaseOffset, batch.LastOffset, batch.MaxTimestampMs));
        }
        entry.LastTimestampMs = batch.MaxTimestampMs;
        entry.LastSeenMs = seenMs;
        if (batch.IsTransactional && entry.TransactionStart < 0)
        {
            _open.Add((batch.BaseOffset, entry.ProducerId));
            entry.TransactionStart = batch.BaseOffset;
        }
    }

    /// <summary>Notes a marker that is in the log.</summary>
    public void ApplyMarker(in BatchHeader batch, bool commit, int coordinatorEpoch, long highWatermark, long seenMs)
    {
        var entry = Entry(batch.ProducerId, batch.ProducerEpoch);
        entry.LastTimestampMs = batch.MaxTimestampMs;
        entry.LastSeenMs = seenMs;
        entry.CoordinatorEpoch = coordinatorEpoch;
        var start = entry.TransactionStart;
        if (start < 0)
        {
            return;
        }
        entry.TransactionStart = -1;
        _open.Remove((start, entry.ProducerId));
        _ending.Add((start, batch.LastOffset));
        if (!commit)
        {
            var stable = Math.Min(FirstOpen(), batch.LastOffset + 1);
            _aborted.Add(new AbortedEntry(batch.ProducerId, start, batch.LastOffset, stable));
        }
        Settle(highWatermark);
    }

    /// <summary>Forgets ended transactions whose marker is below the high watermark.</summary>
    public void Settle(long highWatermark)
    {
        if (_ending.Count > 0)
        {
            _ending.RemoveAll(transaction => transaction.MarkerOffset < highWatermark);
        }
    }

    /// <summary>The first offset of the oldest transaction that is open or whose marker is not yet readable; long.MaxValue if none.</summary>
    public long FirstUnstable()
    {
        var first = FirstOpen();
        foreach (var (start, _) in _ending)
        {
            first = Math.Min(first, start);
        }
        return first;
    }

    /// <summary>The aborted transactions that overlap [from, to), sorted by first offset (kafkajs relies on it); null if none.</summary>
    public List<AbortedTransaction>? AbortedIn(long from, long to)
    {
        int low = 0, high = _aborted.Count;
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (_aborted[middle].LastOffset < from)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }
        List<AbortedTransaction>? found = null;
        for (var i = low; i < _aborted.Count; i++)
        {
            var entry = _aborted[i];
            if (entry.FirstOffset < to)
            {
                (found ??= []).Add(new AbortedTransaction(entry.ProducerId, entry.FirstOffset, entry.LastOffset));
            }
            if (entry.LastStableOffset >= to)
            {
                break;
            }
        }
        found?.Sort((a, b) => a.FirstOffset.CompareTo(b.FirstOffset));
        return found;
    }

    /// <summary>Drops producers that wrote nothing since then (open transactions stay).</summary>
    public void Expire(long beforeMs)
    {
        foreach (var (id, entry) in _producers)
        {
            if (entry.TransactionStart < 0 && entry.LastSeenMs < beforeMs)
            {
                _producers.Remove(id);
            }
        }
    }

    /// <summary>Drops aborted transactions that lie wholly before the start of the log.</summary>
    public void CutBefore(long logStartOffset) => _aborted.RemoveAll(entry => entry.LastOffset < logStartOffset);

    private long FirstOpen() => _open.Count == 0 ? long.MaxValue : _open.Min.FirstOffset;

    private ProducerEntry Entry(long producerId, short epoch)
    {
        if (!_producers.TryGetValue(producerId, out var entry))
        {
            _producers[producerId] = entry = new ProducerEntry(producerId, epoch);
        }
        entry.MoveToEpoch(epoch);
        return entry;
    }
}
