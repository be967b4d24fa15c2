namespace StreamPlatform.Streams;

/// <param name="idleAgain">Null = the step has no timer to set.</param>
internal sealed class KeyContext<TState>(WorkItem item, RecordContext record, KeyedStore store, StateSerializer<TState> serializer, string key, Action<WorkItem, string, TimeSpan>? idleAgain) : IKeyContext<TState>
{
    private readonly StoreOverlay overlay = item.Overlay(store, key, serializer);

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
        overlay.Set(sub, value is null ? throw new ArgumentNullException(nameof(value), "Delete removes an entry") : value);

    public void Delete(string sub = "") => overlay.Set(sub, null);

    public IEnumerable<(string Sub, TState Value)> All() => overlay.IsEmpty ? Stored() : Merged();

    private IEnumerable<(string Sub, TState Value)> Stored()
    {
        foreach (var entry in store.All(key)) yield return (entry.Sub, Read(entry)); // a copy: what is changed meanwhile goes to the overlay
    }

    private List<(string Sub, TState Value)> Merged()
    {
        var merged = new List<(string Sub, TState Value)>();
        foreach (var entry in store.All(key))
            if (!overlay.TryGet(entry.Sub, out _)) merged.Add((entry.Sub, Read(entry)));
        foreach (var (sub, value) in overlay.Writes)
            if (value is not null) merged.Add((sub, (TState)value));
        merged.Sort(static (a, b) => string.CompareOrdinal(a.Sub, b.Sub));
        return merged;
    }

    public void DeleteAll()
    {
        foreach (var (sub, _) in All().ToList()) Delete(sub);
    }

    public void IdleAgainAfter(TimeSpan silence)
    {
        if (idleAgain is null) throw new StreamsConfigurationException($"step '{store.Name}' has no idle timer to set");
        idleAgain(item, key, silence);
    }

    private TState Read(StoreEntry entry)
    {
        if (entry.Cached is null)
        {
            try { entry.Cached = serializer.Serde.Deserialize(store.ChangelogTopic, entry.Bytes); }
            catch (Exception e) { throw new StreamsConfigurationException($"state of store {store.Name} cannot be read; was its type changed without a new store name?", e); }
        }
        return (TState)entry.Cached!;
    }
}
