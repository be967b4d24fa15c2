namespace StreamPlatform.Streams;

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
