namespace StreamPlatform.Streams;

/// <summary>
/// The state of one key while one record (or timer) of it is processed. Changes become visible to the next record of the key and
/// durable in the transaction that commits this record; if the record is dead-lettered they are dropped.
/// Every entry is one changelog record, so appending under a new sub-key costs only the appended entry.
/// Change an entry by <see cref="Put"/>; a value changed in place without Put is not kept.
/// </summary>
public interface IKeyContext<TState>
{
    string Key { get; }
    RecordContext Record { get; }
    TState? Get(string sub = "");
    bool TryGet(out TState value, string sub = "");
    void Put(TState value, string sub = "");
    void Delete(string sub = "");
    /// <summary>Every entry of the key in ordinal order of the sub-keys.</summary>
    IEnumerable<(string Sub, TState Value)> All();
    /// <summary>Deletes every entry of the key.</summary>
    void DeleteAll();
    /// <summary>Sets the key's idle timer to fire after this much wall-clock silence, instead of the step's default (also from within the timer, which else fires once per silence).</summary>
    void IdleAgainAfter(TimeSpan silence);
    /// <summary>The instance's wall clock, milliseconds since the epoch.</summary>
    long NowMs { get; }
}
