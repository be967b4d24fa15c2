namespace StreamPlatform.Streams;

/// <summary>Partition counts of the input topics that the runtime creates itself.</summary>
internal static class InternalTopics
{
    /// <summary>
    /// <paramref name="present"/> and a count for each internal topic: what it has; what was asked for; that of the other inputs of its sub-topology
    /// (they must align); that of where its records come from.
    /// </summary>
    /// <exception cref="StreamsConfigurationException">A topic has another count than asked for, or repartitions feed each other in a ring without any count.</exception>
    public static Dictionary<string, int> Counts(Topology topology, IReadOnlyDictionary<string, int> present)
    {
        var counts = new Dictionary<string, int>(present);
        foreach (var source in topology.InternalSources)
        {
            if (source.Internal!.Partitions is not { } asked) continue;
            if (counts.TryGetValue(source.Topic, out var has) && has != asked)
                throw new StreamsConfigurationException($"topic {source.Topic} has {has} partitions but {asked} are asked for: reset application {topology.ApplicationId}, or ask for {has}");
            counts[source.Topic] = asked;
        }
        while (true)
        {
            var open = topology.InternalSources.Where(s => !counts.ContainsKey(s.Topic)).ToList();
            if (open.Count == 0) return counts;
            var resolved = open.FindAll(s => Aligned(topology, s, counts) is not null);
            foreach (var source in resolved) counts[source.Topic] = Aligned(topology, source, counts)!.Value;
            if (resolved.Count > 0) continue;
            var fed = open.Find(s => Largest(SubOf(topology, s.Internal!.Feeder), counts) is not null)
                ?? throw new StreamsConfigurationException($"the partition count of {open[0].Topic} depends on itself: give Repartition a number of partitions");
            counts[fed.Topic] = Largest(SubOf(topology, fed.Internal!.Feeder), counts)!.Value;
        }
    }

    private static int? Aligned(Topology topology, SourceNode source, Dictionary<string, int> counts) => Largest(SubOf(topology, source), counts);

    private static int? Largest(SubTopology sub, Dictionary<string, int> counts) =>
        sub.Sources.Where(s => counts.ContainsKey(s.Topic)).Select(s => (int?)counts[s.Topic]).Max();

    private static SubTopology SubOf(Topology topology, Node node) => topology.Subs.First(s => s.Nodes.Contains(node));
}
