using StreamPlatform.Streams;

namespace StreamPlatform.Tests.Unit.Streams.Simulation;

/// <summary>The broker: topics, the transaction coordinator, and one group with its offsets. Its own actions belong to nobody who can be frozen.</summary>
internal sealed class SimBroker
{
    private readonly Dictionary<string, List<SimLog>> topics = [];
    private readonly Dictionary<string, int> epochs = [];
    private readonly Dictionary<string, SimTransaction> open = [];
    private readonly Dictionary<TopicPartitionId, long> offsets = [];

    public SimBroker(Scheduler scheduler, Faults faults)
    {
        Scheduler = scheduler; Faults = faults;
        Group = new SimGroup(this);
    }

    public Scheduler Scheduler { get; }
    public Faults Faults { get; }
    public ISimGroup Group { get; set; }

    public IReadOnlyDictionary<string, int> Topics => topics.ToDictionary(t => t.Key, t => t.Value.Count);
    public bool Create(string topic, int partitions) => topics.TryAdd(topic, [.. Enumerable.Range(0, partitions).Select(p => new SimLog(new(topic, p)))]);
    public SimLog Log(TopicPartitionId id) => topics[id.Topic][id.Partition];
    public IReadOnlyList<SimLog> Logs(string topic) => topics[topic];
    public long? Offset(TopicPartitionId id) => offsets.TryGetValue(id, out var offset) ? offset : null;
    public bool HasOpenTransactions => open.Count > 0;
    public bool HasPendingOffset(TopicPartitionId id) => open.Values.Any(t => t.Offsets.ContainsKey(id));

    public void CommitOffset(TopicPartitionId id, long offset) => offsets[id] = offset;

    private void CommitTransactionally(TopicPartitionId id, long offset)
    {
        if (offsets.TryGetValue(id, out var before) && offset < before) throw new ViolationException($"the group's offset of {id} went back from {before} to {offset}");
        offsets[id] = offset;
    }

    /// <summary>InitProducerId: fences earlier lives and decides what they left open.</summary>
    public int Init(string id)
    {
        if (open.TryGetValue(id, out var left)) End(left, commit: false);
        return epochs[id] = epochs.GetValueOrDefault(id) + 1;
    }

    public bool Fenced(string id, int epoch) => epochs[id] != epoch;

    public SimTransaction Begin(string id, int epoch, long timeoutMs)
    {
        if (open.ContainsKey(id)) throw new ViolationException($"{id} began a transaction while one is open");
        var transaction = open[id] = new SimTransaction(id, epoch);
        Scheduler.After(this, timeoutMs, () =>
        {
            if (transaction.State != TransactionState.Open) return;
            Scheduler.Note($"the transaction of {id} times out");
            End(transaction, commit: false);
            epochs[id]++;
        });
        return transaction;
    }

    public void End(SimTransaction transaction, bool commit)
    {
        transaction.State = commit ? TransactionState.Committed : TransactionState.Aborted;
        open.Remove(transaction.Id);
        foreach (var log in transaction.Logs) log.Mark(transaction);
        if (!commit) return;
        foreach (var (id, offset) in transaction.Offsets) CommitTransactionally(id, offset);
    }
}
