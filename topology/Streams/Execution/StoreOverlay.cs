namespace StreamPlatform.Streams;

/// <summary>State changes of one unfinished record for one key of one store; applied at its finish, dropped with it. Reused.</summary>
internal sealed class StoreOverlay
{
    /// <summary>Above this many writes they are found by a hash.</summary>
    private const int ManyWrites = 16;
    private readonly List<Write> writes = [];
    private Dictionary<string, int>? index;
    private IStateSerializer serializer = null!;

    private record struct Write(string Sub, object? Value, byte[]? Bytes);

    public KeyedStore Store { get; private set; } = null!;
    public string Key { get; private set; } = "";

    public void Begin(KeyedStore store, string key, IStateSerializer with)
    {
        (Store, Key, serializer) = (store, key, with);
        writes.Clear();
        index = null;
    }

    public bool IsEmpty => writes.Count == 0;

    /// <summary>True when this record wrote the entry; null then means deleted.</summary>
    public bool TryGet(string sub, out object? value)
    {
        var at = Find(sub);
        value = at < 0 ? null : writes[at].Value;
        return at >= 0;
    }

    public void Set(string sub, object? value)
    {
        var at = Find(sub);
        if (at >= 0) { writes[at] = new(sub, value, null); return; }
        if (writes.Count == ManyWrites)
        {
            index = new(ManyWrites * 2);
            for (var i = 0; i < writes.Count; i++) index[writes[i].Sub] = i;
        }
        index?.Add(sub, writes.Count);
        writes.Add(new(sub, value, null));
    }

    private int Find(string sub)
    {
        if (index is not null) return index.TryGetValue(sub, out var known) ? known : -1;
        for (var i = 0; i < writes.Count; i++)
            if (writes[i].Sub == sub) return i;
        return -1;
    }

    public IEnumerable<(string Sub, object? Value)> Writes
    {
        get
        {
            foreach (var write in writes) yield return (write.Sub, write.Value);
        }
    }

    /// <summary>Throws what the state's serde throws, before anything is applied. Returns the size of the largest entry, bytes.</summary>
    public int Serialize()
    {
        var largest = 0;
        for (var i = 0; i < writes.Count; i++)
        {
            var (sub, value, _) = writes[i];
            var bytes = value is null ? null : serializer.Serialize(Store.ChangelogTopic, value);
            largest = Math.Max(largest, (bytes?.Length ?? 0) + 4 + 3 * (Key.Length + sub.Length));
            writes[i] = new(sub, value, bytes);
        }
        return largest;
    }

    public void Apply(TaskBatch batch)
    {
        foreach (var (sub, value, bytes) in writes)
        {
            if (Store.Apply(Key, sub, bytes, value) is not { Changed: false } entry) continue;
            entry.Changed = true;
            batch.Changed.Add(entry);
        }
    }
}

/// <summary>Writes a store's values, whatever their type.</summary>
internal interface IStateSerializer
{
    byte[] Serialize(string topic, object value);
}

/// <summary>A state's serde, for values that an overlay holds as objects.</summary>
internal sealed class StateSerializer<TState>(ISerde<TState> serde) : IStateSerializer
{
    public ISerde<TState> Serde => serde;
    public byte[] Serialize(string topic, object value) => serde.Serialize(topic, (TState)value);
}
