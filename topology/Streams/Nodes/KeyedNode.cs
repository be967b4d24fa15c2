namespace StreamPlatform.Streams;

/// <summary>A step with keyed state and, perhaps, timers.</summary>
internal interface IKeyedNode
{
    int StateIndex { get; }
    string StoreName { get; }
    /// <summary>One firing of a key's timer, as an event of its own.</summary>
    void Fire(WorkItem item, string key);
    /// <summary>Arms the timer of a key found in a restored store.</summary>
    void ArmRestored(StreamTask task, string key);
}

/// <summary>One task's part of a keyed step.</summary>
internal sealed class KeyedState(KeyedStore store)
{
    public KeyedStore Store { get; } = store;
    public TimerQueue Timers { get; } = new();
    /// <summary>Due on the task's event time, ms since the epoch, not on the monotonic clock.</summary>
    public TimerQueue EventTimers { get; } = new();
}

internal abstract class KeyedNode<K, V>(string kind, string store) : Node<K, V>(kind, store), IKeyedNode
{
    public string StoreName => Name;
    public override bool WritesState => true;
    public override bool HasTaskState => true;
    public override string Detail => "keyed state";
    public override object CreateState(StreamTask task) => new KeyedState(new KeyedStore(StateIndex, Name, task.Kernel.ChangelogTopic(Name)));
    public abstract void Fire(WorkItem item, string key);
    public abstract void ArmRestored(StreamTask task, string key);

    protected KeyedState StateOf(WorkItem item) => (KeyedState)item.Task.State[StateIndex]!;
    protected KeyedState StateOf(StreamTask task) => (KeyedState)task.State[StateIndex]!;

    protected string TextKey(K key) => key as string ?? throw new PoisonException($"a record without key cannot enter the keyed step '{Name}'");

    protected void Arm(WorkItem item, string key, TimeSpan silence, RecordHeaders? headers) =>
        StateOf(item).Timers.Arm(key, item.Task.Kernel.MonotonicMs + (long)silence.TotalMilliseconds, headers);
}
