namespace StreamPlatform.Streams;

/// <summary>One value of a store: its bytes are the truth, the object a cache that is dropped when a failed record may have changed it in place.</summary>
internal sealed class StoreEntry(byte[] bytes)
{
    public byte[] Bytes { get; set; } = bytes;
    public object? Cached { get; set; }
}

/// <summary>Keyed state of one task, in memory; the changelog is its durable copy. Values are kept per key and sub-key.</summary>
internal sealed class KeyedStore(int index, string name, string changelogTopic)
{
    private readonly Dictionary<string, SortedDictionary<string, StoreEntry>> keys = [];

    public int Index { get; } = index;
    public string Name { get; } = name;
    public string ChangelogTopic { get; } = changelogTopic;
    public int Entries { get; private set; }
    public IEnumerable<string> Keys => keys.Keys;
    public bool Has(string key) => keys.ContainsKey(key);

    public StoreEntry? Find(string key, string sub) =>
        keys.TryGetValue(key, out var entries) && entries.TryGetValue(sub, out var entry) ? entry : null;

    public IEnumerable<KeyValuePair<string, StoreEntry>> All(string key) => keys.TryGetValue(key, out var entries) ? entries : [];

    public void Apply(string key, string sub, byte[]? bytes, object? cached)
    {
        if (bytes is null)
        {
            if (!keys.TryGetValue(key, out var present) || !present.Remove(sub)) return;
            Entries--;
            if (present.Count == 0) keys.Remove(key);
            return;
        }
        if (!keys.TryGetValue(key, out var entries)) keys[key] = entries = new SortedDictionary<string, StoreEntry>(StringComparer.Ordinal);
        if (entries.TryGetValue(sub, out var entry)) { entry.Bytes = bytes; entry.Cached = cached; return; }
        entries[sub] = new StoreEntry(bytes) { Cached = cached };
        Entries++;
    }

    /// <summary>Forgets cached objects of a key, so that the next reader gets them from their bytes.</summary>
    public void DropCache(string key)
    {
        foreach (var (_, entry) in All(key)) entry.Cached = null;
    }
}
