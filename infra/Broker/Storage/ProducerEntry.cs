namespace StreamPlatform.Broker.Storage;

/// <summary>A batch an idempotent producer wrote: what a retry of it is answered with.</summary>
internal readonly record struct ProducerBatch(int FirstSequence, int LastSequence, long FirstOffset, long LastOffset, long TimestampMs);

/// <summary>One producer on one partition: its epoch and its last batches of that epoch (at most <see cref="Remembered"/>, oldest first).</summary>
internal sealed class ProducerEntry(long producerId, short epoch)
{
    /// <summary>As Kafka: the largest max.in.flight.requests.per.connection of an idempotent producer.</summary>
    public const int Remembered = 5;

    private readonly List<ProducerBatch> _batches = new(Remembered);

    public long ProducerId => producerId;
    public short Epoch { get; private set; } = epoch;
    public int CoordinatorEpoch { get; set; } = -1;
    /// <summary>First offset of the open transaction, -1 if none.</summary>
    public long TransactionStart { get; set; } = -1;
    /// <summary>Largest timestamp of its last batch (of the client's clock).</summary>
    public long LastTimestampMs { get; set; } = -1;
    /// <summary>When its last batch was appended or recovered (the broker's clock).</summary>
    public long LastSeenMs { get; set; }
    public IReadOnlyList<ProducerBatch> Batches => _batches;
    public int LastSequence => _batches.Count == 0 ? -1 : _batches[^1].LastSequence;

    public void MoveToEpoch(short newEpoch)
    {
        if (newEpoch != Epoch)
        {
            Epoch = newEpoch;
            _batches.Clear();
        }
    }

    public void Remember(ProducerBatch batch)
    {
        if (_batches.Count == Remembered)
        {
            _batches.RemoveAt(0);
        }
        _batches.Add(batch);
    }

    public ProducerBatch? FindDuplicate(short batchEpoch, int firstSequence, int lastSequence)
    {
        if (batchEpoch != Epoch)
        {
            return null;
        }
        foreach (var batch in _batches)
        {
            if (batch.FirstSequence == firstSequence && batch.LastSequence == lastSequence)
            {
                return batch;
            }
        }
        return null;
    }

    public ProducerView View() => new(ProducerId, Epoch, LastSequence, LastTimestampMs, CoordinatorEpoch, TransactionStart);
}
