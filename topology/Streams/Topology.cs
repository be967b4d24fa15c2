namespace StreamPlatform.Streams;

/// <summary>A finished topology: sub-topologies that share no input, store or edge, each run per partition number. Immutable; made by <see cref="StreamsBuilder.Build"/>.</summary>
public sealed class Topology
{
    internal Topology(string applicationId, IReadOnlyList<SubTopology> subs)
    {
        ApplicationId = applicationId;
        Subs = subs;
        Gates = [.. subs.SelectMany(s => s.Nodes).OfType<IGatedNode>()];
        Sinks = [.. subs.SelectMany(s => s.Nodes).OfType<ISinkNode>()];
        for (var i = 0; i < Gates.Count; i++) Gates[i].GateIndex = i;
        for (var i = 0; i < Sinks.Count; i++) Sinks[i].SinkIndex = i;
    }

    public string ApplicationId { get; }
    internal IReadOnlyList<SubTopology> Subs { get; }
    internal IReadOnlyList<IGatedNode> Gates { get; }
    internal IReadOnlyList<ISinkNode> Sinks { get; }

    /// <summary>Topics read, streams and tables, the runtime's own among them.</summary>
    public IReadOnlyList<string> InputTopics => [.. Subs.SelectMany(s => s.Sources).Select(s => s.Topic)];
    /// <summary>Topics written by <c>To</c>.</summary>
    public IReadOnlyList<string> OutputTopics => [.. Subs.SelectMany(s => s.Nodes).Where(n => n.Kind == "to").Select(n => n.Name).Distinct()];
    internal IEnumerable<SourceNode> InternalSources => Subs.SelectMany(s => s.Sources).Where(s => s.Internal is not null);
    public IReadOnlyList<string> Stores => [.. Subs.SelectMany(s => s.KeyedNodes).Select(n => n.StoreName)];

    public static string ChangelogTopicOf(string applicationId, string store) => $"{applicationId}-{store}-changelog";
    public static string RepartitionTopicOf(string applicationId, string name) => $"{applicationId}-{name}-repartition";
    public static string ProgressTopicOf(string applicationId) => $"{applicationId}-progress";
    public static string DeadLetterTopicOf(string topic) => DeadLetter.TopicOf(topic);

    /// <summary>The dataflow as text: one sub-topology after the other, each step with where its values go.</summary>
    public string Describe() => TopologyDescription.Text(this);

    /// <summary>The dataflow as a Mermaid flowchart.</summary>
    public string DescribeMermaid() => TopologyDescription.Mermaid(this);
}

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
