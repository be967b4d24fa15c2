namespace StreamPlatform.Streams;

/// <summary>One step of a topology. Nodes hold no per-task state: that lives in the task, at <see cref="StateIndex"/>.</summary>
internal abstract class Node(string kind, string name)
{
    public int Id { get; set; } = -1;
    public string Kind { get; } = kind;
    public string Name { get; } = name;
    public List<Node> Parents { get; } = [];
    public List<Node> Children { get; } = [];

    /// <summary>Index of this node's state in each task's array; -1 = none.</summary>
    public int StateIndex { get; set; } = -1;

    /// <summary>What <see cref="IKStream{K,V}.Ordered"/> asked for the sub-topology this node is in.</summary>
    public Ordering? Ordering { get; set; }

    /// <summary>Changes state durable in a changelog, so the key lock is held until the record's finish.</summary>
    public virtual bool WritesState => false;
    public virtual bool IsAsync => false;
    public virtual bool HasTaskState => false;
    public virtual object CreateState(StreamTask task) => throw new InvalidOperationException($"{Name} has no state");
    /// <summary>What Describe says beyond the name.</summary>
    public virtual string Detail => "";

    public static void Link(Node parent, Node child)
    {
        parent.Children.Add(child);
        child.Parents.Add(parent);
    }
}

/// <summary>A node that accepts keys and values of fixed types.</summary>
internal abstract class Node<K, V>(string kind, string name) : Node(kind, name)
{
    public abstract void Process(RecordContext context, K key, V value);
}
