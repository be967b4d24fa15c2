namespace StreamPlatform.Streams;

internal sealed class KeyContext<TState>(WorkItem item, RecordContext record, KeyedStore store, ISerde<TState> serde, string key, Action<TimeSpan> idleAgain) : IKeyContext<TState>
{
    private readonly StoreOverlay overlay = item.Overlay(store, key, value => serde.Serialize(store.ChangelogTopic, (TState)value));

    public string Key => key;
    public RecordContext Record => record;
    public long NowMs => item.Task.Kernel.WallClockMs;

    public TState? Get(string sub = "") => TryGet(out var value, sub) ? value : default;

    public bool TryGet(out TState value, string sub = "")
    {
        if (overlay.TryGet(sub, out var written))
        {
            value = written is null ? default! : (TState)written;
            return written is not null;
        }
        if (store.Find(key, sub) is not { } entry) { value = default!; return false; }
        value = Read(entry);
        return true;
    }

    public void Put(TState value, string sub = "") =>
        overlay.Write(sub, value is null ? throw new ArgumentNullException(nameof(value), "Delete removes an entry") : value);

    public void Delete(string sub = "") => overlay.Write(sub, null);

    public IEnumerable<(string Sub, TState Value)> All()
    {
        var merged = new SortedDictionary<string, TState>(StringComparer.Ordinal);
        foreach (var (sub, entry) in store.All(key))
            if (!overlay.TryGet(sub, out _)) merged[sub] = Read(entry);
        foreach (var (sub, value) in overlay.Writes)
            if (value is not null) merged[sub] = (TState)value;
        foreach (var (sub, value) in merged) yield return (sub, value);
    }

    public void DeleteAll()
    {
        foreach (var (sub, _) in All().ToList()) Delete(sub);
    }

    public void IdleAgainAfter(TimeSpan silence) => idleAgain(silence);

    private TState Read(StoreEntry entry)
    {
        if (entry.Cached is null)
        {
            try { entry.Cached = serde.Deserialize(store.ChangelogTopic, entry.Bytes); }
            catch (Exception e) { throw new StreamsConfigurationException($"state of store {store.Name} cannot be read; was its type changed without a new store name?", e); }
        }
        return (TState)entry.Cached!;
    }
}
