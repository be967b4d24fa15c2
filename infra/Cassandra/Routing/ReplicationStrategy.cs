using System.Globalization;

namespace Cassandra;

/// <summary>Where the replicas of a token range are, as Cassandra's own strategies place them. Immutable.</summary>
internal abstract record ReplicationStrategy
{
    /// <summary>More replicas than this are not believed.</summary>
    public const int MaxReplicationFactor = 1000;

    /// <summary>Reads the <c>replication</c> map of <c>system_schema.keyspaces</c>; null for a strategy whose placement is not known.</summary>
    public static ReplicationStrategy? Parse(IEnumerable<KeyValuePair<string, string>> replication)
    {
        Dictionary<string, string> options = new(replication, StringComparer.Ordinal);
        if (!options.Remove("class", out string? name))
        {
            return null;
        }
        return name[(name.LastIndexOf('.') + 1)..] switch
        {
            "SimpleStrategy" when Factor(options.GetValueOrDefault("replication_factor")) is { } factor => new SimpleReplication(factor),
            "NetworkTopologyStrategy" => new NetworkTopologyReplication(
                options.Select(pair => (pair.Key, Factor: Factor(pair.Value)))
                    .Where(pair => pair.Factor is not null)
                    .ToDictionary(pair => pair.Key, pair => pair.Factor!.Value, StringComparer.Ordinal)),
            "EverywhereStrategy" => new EverywhereReplication(),
            _ => null, // LocalStrategy among them: every node has its own, any will do
        };
    }

    /// <summary>The replicas of the range, the first being its primary owner; hosts are not repeated.</summary>
    public abstract Host[] Replicas(TokenRing ring, int index, TopologySnapshot topology);

    // "3", or "3/1" where one of three is transient
    private static int? Factor(string? text) =>
        text is not null && int.TryParse(text.Split('/')[0], NumberStyles.None, CultureInfo.InvariantCulture, out int factor) && factor is > 0 and <= MaxReplicationFactor
            ? factor
            : null;
}

/// <summary>SimpleStrategy: the next <paramref name="Factor"/> distinct nodes along the ring.</summary>
internal sealed record SimpleReplication(int Factor) : ReplicationStrategy
{
    public override Host[] Replicas(TokenRing ring, int index, TopologySnapshot topology)
    {
        List<Host> replicas = new(Math.Min(Factor, topology.Hosts.Length));
        for (int step = 0; step < ring.Count && replicas.Count < Factor; step++)
        {
            Host host = ring.Owner((index + step) % ring.Count);
            if (!replicas.Contains(host))
            {
                replicas.Add(host);
            }
        }
        return [.. replicas];
    }
}

/// <summary>Every node holds everything.</summary>
internal sealed record EverywhereReplication : ReplicationStrategy
{
    public override Host[] Replicas(TokenRing ring, int index, TopologySnapshot topology)
    {
        Host primary = ring.Owner(index);
        return [primary, .. topology.Hosts.Where(host => host != primary)];
    }
}

/// <summary>
/// NetworkTopologyStrategy: per data centre its number of nodes along the ring, in as many racks as there are; when there are fewer racks than
/// replicas, the difference is filled by the first nodes met (org.apache.cassandra.locator.NetworkTopologyStrategy, DatacenterEndpoints).
/// </summary>
internal sealed record NetworkTopologyReplication(IReadOnlyDictionary<string, int> Factors) : ReplicationStrategy
{
    public bool Equals(NetworkTopologyReplication? other) =>
        other is not null && Factors.Count == other.Factors.Count && Factors.All(pair => other.Factors.TryGetValue(pair.Key, out int factor) && factor == pair.Value);

    public override int GetHashCode() => Factors.Aggregate(0, (hash, pair) => hash ^ HashCode.Combine(pair.Key, pair.Value)); // order does not matter

    public override Host[] Replicas(TokenRing ring, int index, TopologySnapshot topology)
    {
        Dictionary<string, Placement> open = new(StringComparer.Ordinal);
        foreach ((string datacenter, int factor) in Factors)
        {
            if (topology.Datacenters.TryGetValue(datacenter, out (int Nodes, int Racks) size))
            {
                open[datacenter] = new Placement(Math.Min(factor, size.Nodes), factor - size.Racks);
            }
        }
        List<Host> replicas = [];
        for (int step = 0; step < ring.Count && open.Count > 0; step++)
        {
            Host host = ring.Owner((index + step) % ring.Count);
            if (host.Datacenter is { } datacenter && open.TryGetValue(datacenter, out Placement? placement) && !replicas.Contains(host) && placement.Accepts(host))
            {
                replicas.Add(host);
                if (placement.Left == 0)
                {
                    open.Remove(datacenter);
                }
            }
        }
        return [.. replicas];
    }

    private sealed class Placement(int left, int repeats)
    {
        private readonly HashSet<string> racks = new(StringComparer.Ordinal);
        private int repeats = repeats;

        public int Left { get; private set; } = left;

        public bool Accepts(Host host)
        {
            if (!racks.Add(host.Rack ?? "") && repeats-- <= 0)
            {
                return false; // what is left has to be in racks not seen yet
            }
            Left--;
            return true;
        }
    }
}
