namespace StreamPlatform.Streams;

/// <summary>A connected part of the graph; run as one task per partition number of its (co-partitioned) inputs.</summary>
internal sealed class SubTopology
{
    public SubTopology(int index, string applicationId, IReadOnlyList<Node> nodes, Ordering ordering)
    {
        Index = index;
        Ordering = ordering;
        Nodes = nodes;
        // streams first: the first source names timers and partition counts
        Sources = [.. nodes.OfType<SourceNode>().OrderBy(s => s.IsTable)];
        foreach (var node in nodes)
            if (node.HasTaskState) node.StateIndex = StateCount++;
        KeyedNodes = [.. nodes.OfType<IKeyedNode>()];
        ChangelogTopics = new string[StateCount];
        foreach (var keyed in KeyedNodes) ChangelogTopics[keyed.StateIndex] = Topology.ChangelogTopicOf(applicationId, keyed.StoreName);
        HoldsLockToFinish = nodes.Any(n => n.WritesState);
        HasAsync = nodes.Any(n => n.IsAsync);
        RunsInline = !HasAsync && !nodes.Any(n => n is ISinkNode);
        NeedsKeyLock = ordering != Ordering.None && (HoldsLockToFinish || HasAsync || Sources.Any(s => s.IsTable));
    }

    public int Index { get; }
    public IReadOnlyList<Node> Nodes { get; }
    public IReadOnlyList<SourceNode> Sources { get; }
    public IReadOnlyList<IKeyedNode> KeyedNodes { get; }
    public int StateCount { get; }
    /// <summary>By state index; null where the state is no store.</summary>
    public string[] ChangelogTopics { get; }
    public Ordering Ordering { get; }
    public bool HasAsync { get; }
    public bool NeedsKeyLock { get; }
    /// <summary>No step leaves the owner loop.</summary>
    public bool RunsInline { get; }
    public bool HoldsLockToFinish { get; }
}
