using System.Buffers.Binary;

namespace StreamPlatform.Streams;

/// <summary>
/// Keeps the order of keys over deferral. A key with records in retry topics is parked: keyed state (changelog <c>app-topic.retry-changelog</c>), changed in the
/// transactions that move its records. Only the key's first parked record is run; one that comes due earlier is sent behind it, later ones follow it.
/// </summary>
internal sealed class ParkingNode(string topic, RetryTopics policy) : RetryNode(topic, policy), IKeyedNode
{
    /// <param name="Head">Sequence of the first parked record.</param>
    /// <param name="Next">Sequence of the next record to be parked.</param>
    /// <param name="Level">Where the head waits: others go there.</param>
    private sealed record Parked(long Head, long Next, int Level);

    public string StoreName => Name;
    public override bool WritesState => true;
    public override bool HasTaskState => true;
    public override object CreateState(StreamTask task) => new KeyedState(new KeyedStore(StateIndex, Name, task.Kernel.ChangelogTopic(Name)));
    public void Fire(WorkItem item, string key) { }
    public void ArmRestored(StreamTask task, string key) { }

    public override bool IsParked(StreamTask task, string key) => Store(task).Has(key);

    public override bool Enter(WorkItem item)
    {
        if (item.LockKey is null || Read(item) is not { } parked) return true;
        if (item.Retried is not { } mark)
        {
            if (parked.Next - parked.Head >= Policy.MaxParkedPerKey)
                throw new PoisonException($"{parked.Next - parked.Head} records of its key wait in retry topics, the bound is {Policy.MaxParkedPerKey}");
            Write(item, parked with { Next = parked.Next + 1 });
            Send(item, parked.Level, 0, parked.Next, "follows a deferred record of its key");
            return false;
        }
        if (mark.Sequence > parked.Head)
        {
            Send(item, parked.Level, mark.Attempts, mark.Sequence, "waits for an earlier record of its key");
            return false;
        }
        Advance(item, parked); // staged: counts only if it finishes
        return true;
    }

    public override void Leave(WorkItem item)
    {
        if (item is { LockKey: not null, Retried: not null } && Read(item) is { } parked) Advance(item, parked);
    }

    protected override long Park(WorkItem item, int level)
    {
        if (item.LockKey is null) return -1;
        var parked = Read(item);
        if (item.Retried is not { Sequence: >= 0 } mark)
        {
            parked ??= new Parked(0, 0, level);
            Write(item, parked with { Next = parked.Next + 1, Level = level });
            return parked.Next;
        }
        if (parked is null || mark.Sequence == parked.Head) Write(item, new Parked(mark.Sequence, Math.Max(parked?.Next ?? 0, mark.Sequence + 1), level));
        return mark.Sequence;
    }

    private void Advance(WorkItem item, Parked parked)
    {
        if (item.Retried!.Sequence != parked.Head) return;
        Write(item, parked.Head + 1 < parked.Next ? parked with { Head = parked.Head + 1 } : null);
    }

    private KeyedStore Store(StreamTask task) => ((KeyedState)task.State[StateIndex]!).Store;

    private Parked? Read(WorkItem item) => Store(item.Task).Find(item.LockKey!, "") is { } entry
        ? new(BinaryPrimitives.ReadInt64BigEndian(entry.Bytes!), BinaryPrimitives.ReadInt64BigEndian(entry.Bytes.AsSpan(8)), BinaryPrimitives.ReadInt32BigEndian(entry.Bytes.AsSpan(16)))
        : null;

    private void Write(WorkItem item, Parked? parked) => item.Overlay(Store(item.Task), item.LockKey!, ParkedSerializer.Instance).Set("", parked);

    private sealed class ParkedSerializer : IStateSerializer
    {
        public static readonly ParkedSerializer Instance = new();

        public byte[] Serialize(string topic, object value)
        {
            var parked = (Parked)value;
            var bytes = new byte[20];
            BinaryPrimitives.WriteInt64BigEndian(bytes, parked.Head);
            BinaryPrimitives.WriteInt64BigEndian(bytes.AsSpan(8), parked.Next);
            BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(16), parked.Level);
            return bytes;
        }
    }
}
