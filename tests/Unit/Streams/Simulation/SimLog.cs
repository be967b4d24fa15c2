using StreamPlatform.Streams;

namespace StreamPlatform.Tests.Unit.Streams.Simulation;

internal enum TransactionState { Open, Committed, Aborted }

/// <summary>One transaction, as the coordinator and the logs know it.</summary>
internal sealed class SimTransaction(string id, int epoch)
{
    public string Id { get; } = id;
    public int Epoch { get; } = epoch;
    public TransactionState State { get; set; }
    public HashSet<SimLog> Logs { get; } = [];
    public Dictionary<TopicPartitionId, long> Offsets { get; } = [];
}

/// <summary>One partition: records and control markers at consecutive offsets.</summary>
internal sealed class SimLog(TopicPartitionId id)
{
    private readonly List<Entry> entries = [];

    /// <summary>Record is null for a marker.</summary>
    internal readonly record struct Entry(ConsumedRecord? Record, SimTransaction? Transaction);

    public TopicPartitionId Id { get; } = id;
    public long High => entries.Count;
    public HashSet<SimTransaction> OpenTransactions { get; } = [];

    /// <summary>Last stable offset: the first record of the oldest open transaction, or the end.</summary>
    public long Stable
    {
        get
        {
            if (OpenTransactions.Count == 0) return High;
            for (var i = 0; i < entries.Count; i++)
                if (entries[i] is { Record: not null, Transaction.State: TransactionState.Open }) return i;
            return High;
        }
    }

    public void Append(OutputRecord record, SimTransaction? transaction, long nowMs)
    {
        entries.Add(new(new ConsumedRecord(Id.Topic, Id.Partition, High, record.TimestampMs < 0 ? nowMs : record.TimestampMs, record.KeyBytes(), record.ValueBytes(),
            record.Headers ?? RecordHeaders.Empty), transaction));
        if (transaction is null) return;
        transaction.Logs.Add(this);
        OpenTransactions.Add(transaction);
    }

    public void Mark(SimTransaction transaction)
    {
        OpenTransactions.Remove(transaction);
        entries.Add(new(null, transaction));
    }

    /// <summary>The next committed record at or after <paramref name="position"/>, which moves past what is skipped; null at the stable end.</summary>
    public ConsumedRecord? Next(ref long position)
    {
        for (var stable = Stable; position < stable; position++)
            if (entries[(int)position] is { Record: { } record } entry && (entry.Transaction is null || entry.Transaction.State == TransactionState.Committed))
            {
                position++;
                return record;
            }
        return null;
    }

    public IEnumerable<ConsumedRecord> Committed()
    {
        long position = 0;
        while (Next(ref position) is { } record) yield return record;
    }
}
