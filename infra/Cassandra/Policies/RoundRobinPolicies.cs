namespace Cassandra;

/// <summary>Every host in turn, whatever its data centre.</summary>
public sealed class RoundRobinPolicy : ILoadBalancingPolicy, IFirstHostPolicy
{
    private Func<Host[]> hosts = () => [];
    private int next;

    /// <inheritdoc/>
    public void Initialize(ICluster cluster) => hosts = Hosts.Of(cluster);

    /// <inheritdoc/>
    public HostDistance Distance(Host host) => HostDistance.Local;

    /// <inheritdoc/>
    public IEnumerable<Host> NewQueryPlan(string? keyspace, IStatement? query) => Hosts.InTurn(hosts(), Interlocked.Increment(ref next));

    Host? IFirstHostPolicy.FirstHost(string? keyspace, IStatement? query) => Hosts.FirstUp(hosts(), Interlocked.Increment(ref next));
}

/// <summary>
/// The hosts of one data centre in turn; those of others only when none of the local ones has answered, and only if that is asked for
/// (<paramref name="usedHostsPerRemoteDc"/> above 0): a request that crosses data centres is slow and its consistency level means another set of nodes.
/// </summary>
/// <param name="localDc">The local data centre; null takes the one of the first host that answered.</param>
/// <param name="usedHostsPerRemoteDc">Hosts of each other data centre that a plan ends with, 0 to 1,000.</param>
public sealed class DCAwareRoundRobinPolicy(string? localDc = null, int usedHostsPerRemoteDc = 0) : ILoadBalancingPolicy, IFirstHostPolicy
{
    private readonly int usedHostsPerRemoteDc =
        usedHostsPerRemoteDc is >= 0 and <= 1000 ? usedHostsPerRemoteDc : throw new ArgumentOutOfRangeException(nameof(usedHostsPerRemoteDc), "0 to 1000");

    private Func<Host[]> hosts = () => [];
    private LocalAndRemoteHosts division = new(localDc);
    private int next;

    /// <summary>The local data centre; null until it is known.</summary>
    public string? LocalDc { get; private set; } = localDc;

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">No host is in the data centre that was named.</exception>
    public void Initialize(ICluster cluster)
    {
        hosts = Hosts.Of(cluster);
        Host[] known = hosts();
        string[] datacenters = [.. known.Select(host => host.Datacenter).OfType<string>().Distinct().Order(StringComparer.Ordinal)];
        LocalDc ??= cluster.Metadata.ControlHost?.Datacenter ?? datacenters.FirstOrDefault();
        if (LocalDc is not null && datacenters.Length > 0 && !datacenters.Contains(LocalDc))
        {
            throw new ArgumentException($"Local data centre '{LocalDc}' has no hosts; there are: {string.Join(", ", datacenters)}.");
        }
        division = new LocalAndRemoteHosts(LocalDc);
    }

    /// <inheritdoc/>
    public HostDistance Distance(Host host) =>
        division.IsLocal(host) ? HostDistance.Local : usedHostsPerRemoteDc > 0 && IsUsed(host) ? HostDistance.Remote : HostDistance.Ignored;

    /// <inheritdoc/>
    public IEnumerable<Host> NewQueryPlan(string? keyspace, IStatement? query)
    {
        LocalAndRemoteHosts.Division divided = division.Of(hosts());
        int start = Interlocked.Increment(ref next);
        IEnumerable<Host> local = Hosts.InTurn(divided.Local, start);
        return usedHostsPerRemoteDc == 0 ? local : local.Concat(Hosts.InTurn(divided.Remote, start).Where(IsUsed));
    }

    Host? IFirstHostPolicy.FirstHost(string? keyspace, IStatement? query) => Hosts.FirstUp(division.Of(hosts()).Local, Interlocked.Increment(ref next));

    // the same few hosts of each other data centre every time, so that connections to the rest are not opened
    private bool IsUsed(Host host) =>
        division.Of(hosts()).Remote.Where(other => other.Datacenter == host.Datacenter).Take(usedHostsPerRemoteDc).Contains(host);
}

/// <summary>What the policies share.</summary>
internal static class Hosts
{
    /// <summary>The cluster's own array where there is one: asking for it allocates nothing, and a changed topology is a new array.</summary>
    public static Func<Host[]> Of(ICluster cluster) => () => cluster.Metadata.Topology.Hosts;

    public static IEnumerable<Host> InTurn(Host[] hosts, int start)
    {
        for (int i = 0; i < hosts.Length; i++)
        {
            yield return At(hosts, start, i);
        }
    }

    public static Host? FirstUp(Host[] hosts, int start)
    {
        for (int i = 0; i < hosts.Length; i++)
        {
            if (At(hosts, start, i) is { IsUp: true } host)
            {
                return host;
            }
        }
        return null;
    }

    // the counter wraps to negative numbers after two thousand million requests
    public static Host At(Host[] hosts, int start, int step) => hosts[(int)((unchecked((uint)start) + (uint)step) % (uint)hosts.Length)];
}
