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
