namespace StreamPlatform.Streams;

/// <summary>Builds a topology. <paramref name="applicationId"/> names the consumer group and the runtime's own topics.</summary>
public sealed class StreamsBuilder(string applicationId)
{
    private readonly List<Node> nodes = [];
    private readonly HashSet<string> inputs = [];
    private readonly HashSet<string> names = [];
    private int unnamed;

    /// <summary>Of sub-topologies that do not ask for another (<see cref="IKStream{K,V}.Ordered"/>).</summary>
    public Ordering Ordering { get; set; } = Ordering.Key;

    /// <summary>The records of a topic.</summary>
    /// <param name="retry">Where deferred records go; null = they are retried in place.</param>
    public IKStream<K, V> Stream<K, V>(string topic, ISerde<K> keySerde, ISerde<V> valueSerde, RetryTopics? retry = null) where K : notnull
    {
        var source = Source(new StreamSourceNode<K, V>(topic, keySerde, valueSerde), retry);
        return new KStream<K, V>(this, source, source.Out, keyChanged: false);
    }

    /// <summary>The latest value per key of a compacted topic.</summary>
    public IKTable<K, V> Table<K, V>(string topic, ISerde<K> keySerde, ISerde<V> valueSerde) where K : notnull
    {
        return new KTable<K, V>(this, Source(new TableSourceNode<K, V>(topic, keySerde, valueSerde)));
    }

    /// <exception cref="StreamsConfigurationException">The topology reads nothing, or a table is joined with nothing.</exception>
    public Topology Build()
    {
        if (nodes.Count == 0) throw new StreamsConfigurationException($"topology '{applicationId}' reads no topic");
        var component = new Dictionary<Node, int>();
        var parts = new List<List<Node>>();
        foreach (var node in nodes)
        {
            if (component.ContainsKey(node)) continue;
            var part = new List<Node>();
            var open = new Stack<Node>([node]);
            component[node] = parts.Count;
            while (open.TryPop(out var next))
            {
                part.Add(next);
                foreach (var neighbour in next.Parents.Concat(next.Children))
                    if (component.TryAdd(neighbour, parts.Count)) open.Push(neighbour);
            }
            part.Sort((a, b) => a.Id.CompareTo(b.Id));
            if (part.TrueForAll(n => n is SourceNode { IsTable: true }))
                throw new StreamsConfigurationException($"table {part[0].Name} is joined with no stream");
            parts.Add(part);
        }
        return new Topology(applicationId, [.. parts.Select((p, i) => new SubTopology(i, applicationId, p, OrderingOf(p)))]);
    }

    private Ordering OrderingOf(List<Node> part)
    {
        var asked = part.Where(n => n.Ordering is not null).Select(n => n.Ordering!.Value).Distinct().ToList();
        if (asked.Count > 1) throw new StreamsConfigurationException($"the sub-topology of {part[0].Name} is asked for several orderings: {string.Join(", ", asked)}");
        var ordering = asked.Count == 1 ? asked[0] : Ordering;
        if (ordering == Ordering.None && part.Find(n => n.HasTaskState) is { } stateful)
            throw new StreamsConfigurationException($"ordering {Ordering.None} is for stateless sub-topologies, but this one holds '{stateful.Name}'");
        return ordering;
    }

    internal string ApplicationId => applicationId;

    internal TSource Source<TSource>(TSource source, RetryTopics? retry = null) where TSource : SourceNode
    {
        Input(source.Topic);
        Register(source);
        if (retry is null) return source;
        source.Retry = Register(retry.KeepsOrder ? new ParkingNode(source.Topic, retry) : new RetryNode(source.Topic, retry));
        Unique(source.Retry.Name);
        Node.Link(source, source.Retry);
        foreach (var delay in retry.Delays)
            Node.Link(source.Retry, Source(new RetrySourceNode(source, delay) { Internal = new InternalTopic(source, null, Purged: false) }));
        return source;
    }

    internal TNode Register<TNode>(TNode node) where TNode : Node
    {
        node.Id = nodes.Count;
        nodes.Add(node);
        return node;
    }

    internal string Unnamed(string kind) => $"{kind}-{++unnamed}";

    internal string Unique(string name)
    {
        if (string.IsNullOrWhiteSpace(name)) throw new StreamsConfigurationException("a step's or store's name is empty");
        if (name.Any(c => !(char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.')))
            throw new StreamsConfigurationException($"'{name}': names consist of letters, digits, '-', '_' and '.', because topics are named after them");
        if (!names.Add(name)) throw new StreamsConfigurationException($"the name '{name}' is used twice in topology '{applicationId}'");
        return name;
    }

    private void Input(string topic)
    {
        if (string.IsNullOrWhiteSpace(topic)) throw new StreamsConfigurationException("an input topic's name is empty");
        if (!inputs.Add(topic)) throw new StreamsConfigurationException($"topic {topic} is read twice in topology '{applicationId}': use the first stream again");
    }
}
