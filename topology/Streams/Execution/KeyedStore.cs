namespace StreamPlatform.Streams;

/// <summary>One value of a store: its bytes are the truth, the object a cache that is dropped when a failed record may have changed it in place.</summary>
internal sealed class StoreEntry(KeyedStore store, string key, string sub)
{
    public KeyedStore Store => store;
    public string Key => key;
    public string Sub => sub;
    /// <summary>Null = deleted.</summary>
    public byte[]? Bytes { get; set; }
    public object? Cached { get; set; }
    /// <summary>It is among the changes of the task's open batch.</summary>
    public bool Changed { get; set; }
}

/// <summary>Keyed state of one task, in memory; the changelog is its durable copy. Values are kept per key and sub-key, those of a key in ordinal order of the sub-keys.</summary>
internal sealed class KeyedStore(int index, string name, string changelogTopic)
{
    /// <summary>By key: its only entry, or its <see cref="EntryList"/>.</summary>
    private readonly Dictionary<string, object> keys = [];

    private sealed class EntryList
    {
        public StoreEntry[] Items = new StoreEntry[4];
        public int Count;

        /// <summary>Index of the entry, or the complement of where it belongs.</summary>
        public int Search(string sub)
        {
            int low = 0, high = Count - 1;
            while (low <= high)
            {
                var middle = (low + high) >>> 1;
                var order = string.CompareOrdinal(Items[middle].Sub, sub);
                if (order == 0) return middle;
                if (order < 0) low = middle + 1;
                else high = middle - 1;
            }
            return ~low;
        }

        public void Insert(int at, StoreEntry entry)
        {
            if (Count == Items.Length) Array.Resize(ref Items, Count * 2);
            Array.Copy(Items, at, Items, at + 1, Count++ - at);
            Items[at] = entry;
        }

        public void RemoveAt(int at)
        {
            Array.Copy(Items, at + 1, Items, at, --Count - at);
            Items[Count] = null!;
        }
    }

    public int Index { get; } = index;
    public string Name { get; } = name;
    public string ChangelogTopic { get; } = changelogTopic;
    /// <summary>Estimate of the memory its entries take, without cached objects.</summary>
    public long Bytes { get; private set; }
    public IEnumerable<string> Keys => keys.Keys;
    public bool Has(string key) => keys.ContainsKey(key);

    public StoreEntry? Find(string key, string sub)
    {
        if (!keys.TryGetValue(key, out var found)) return null;
        if (found is StoreEntry only) return only.Sub == sub ? only : null;
        var list = (EntryList)found;
        var at = list.Search(sub);
        return at >= 0 ? list.Items[at] : null;
    }

    /// <summary>A copy of the entries of a key as they are now, in order of their sub-keys.</summary>
    public StoreEntry[] All(string key)
    {
        if (!keys.TryGetValue(key, out var found)) return [];
        return found is EntryList list ? list.Items[..list.Count] : [(StoreEntry)found];
    }

    /// <summary>Sets or, with null, deletes an entry; returns it, or null where there was nothing to delete.</summary>
    public StoreEntry? Apply(string key, string sub, byte[]? bytes, object? cached)
    {
        if (bytes is null) return Remove(key, sub);
        var entry = Find(key, sub) ?? Add(key, sub);
        Bytes += bytes.Length - (entry.Bytes?.Length ?? 0);
        entry.Bytes = bytes;
        entry.Cached = cached;
        return entry;
    }

    private StoreEntry Add(string key, string sub)
    {
        var entry = new StoreEntry(this, key, sub);
        Bytes += Overhead(key, sub);
        ref var slot = ref System.Runtime.InteropServices.CollectionsMarshal.GetValueRefOrAddDefault(keys, key, out _);
        if (slot is null) { slot = entry; return entry; }
        if (slot is StoreEntry other)
        {
            var created = new EntryList { Count = 1 };
            created.Items[0] = other;
            slot = created;
        }
        var list = (EntryList)slot;
        list.Insert(~list.Search(sub), entry);
        return entry;
    }

    /// <summary>Entry, slot, two strings and the array's header.</summary>
    private static long Overhead(string key, string sub) => 160 + 2 * (key.Length + sub.Length);

    private StoreEntry? Remove(string key, string sub)
    {
        if (!keys.TryGetValue(key, out var found)) return null;
        StoreEntry removed;
        if (found is EntryList list)
        {
            var at = list.Search(sub);
            if (at < 0) return null;
            removed = list.Items[at];
            list.RemoveAt(at);
            if (list.Count == 0) keys.Remove(key);
            else if (list.Count == 1) keys[key] = list.Items[0];
        }
        else
        {
            removed = (StoreEntry)found;
            if (removed.Sub != sub) return null;
            keys.Remove(key);
        }
        Bytes -= Overhead(key, sub) + (removed.Bytes?.Length ?? 0);
        removed.Bytes = null;
        removed.Cached = null;
        return removed;
    }

    /// <summary>Forgets cached objects of a key, so that the next reader gets them from their bytes.</summary>
    public void DropCache(string key)
    {
        foreach (var entry in All(key)) entry.Cached = null;
    }
}
