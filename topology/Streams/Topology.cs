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
