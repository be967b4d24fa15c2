namespace StreamPlatform.Streams;

/// <summary>An input topic of a sub-topology.</summary>
internal abstract class SourceNode(string kind, string topic) : Node(kind, topic)
{
    public string Topic => Name;
    public abstract bool IsTable { get; }
    /// <summary>A table that is only looked up: its records cause nothing, so it needs no progress and starts at its end.</summary>
    public virtual bool IsPassive => false;
    /// <summary>Set for topics that the runtime creates itself.</summary>
    public InternalTopic? Internal { get; init; }
    /// <summary>Where its deferred records go; null = nowhere.</summary>
    public virtual RetryNode? Retry { get; set; }

    /// <summary>Deserialises the key and derives the lock key. Throws what the serde throws.</summary>
    public abstract void Prepare(WorkItem item);
    public abstract void Deliver(WorkItem item);

    /// <summary>The exception of a serde as poison, whatever the serde threw.</summary>
    protected static T Read<T>(ISerde<T> serde, string topic, byte[] bytes, string part)
    {
        try { return serde.Deserialize(topic, bytes); }
        catch (Exception e) when (e is not SerializationException)
        {
            throw new SerializationException($"the {part} of a record on {topic} is malformed: {e.Message}", e);
        }
    }

    protected static string LockKeyOf<K>(K key, byte[] raw) => key as string ?? System.Text.Encoding.Latin1.GetString(raw);
}
