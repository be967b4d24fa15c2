namespace StreamPlatform.Streams;

/// <summary>State changes of one unfinished record for one key of one store; applied at its finish, dropped with it.</summary>
internal sealed class StoreOverlay(KeyedStore store, string key, Func<object, byte[]> serialize)
{
    private readonly SortedDictionary<string, object?> writes = new(StringComparer.Ordinal);
    private List<(string Sub, object? Value, byte[]? Bytes)>? serialized;

    public KeyedStore Store { get; } = store;
    public string Key { get; } = key;

    /// <summary>True when this record wrote the entry; null then means deleted.</summary>
    public bool TryGet(string sub, out object? value) => writes.TryGetValue(sub, out value);
    public void Write(string sub, object? value) => writes[sub] = value;
    public IEnumerable<KeyValuePair<string, object?>> Writes => writes;

    /// <summary>Throws what the state's serde throws, before anything is applied. Returns the size of the largest entry, bytes.</summary>
    public int Serialize()
    {
        var largest = 0;
        serialized = new(writes.Count);
        foreach (var (sub, value) in writes)
        {
            var bytes = value is null ? null : serialize(value);
            largest = Math.Max(largest, (bytes?.Length ?? 0) + 4 + 3 * (Key.Length + sub.Length));
            serialized.Add((sub, value, bytes));
        }
        return largest;
    }

    public void Apply(TaskBatch batch)
    {
        foreach (var (sub, value, bytes) in serialized!)
        {
            if (bytes is null && Store.Find(Key, sub) is null) continue;
            Store.Apply(Key, sub, bytes, value);
            batch.Changelog[(Store.Index, Key, sub)] = bytes;
        }
    }
}
