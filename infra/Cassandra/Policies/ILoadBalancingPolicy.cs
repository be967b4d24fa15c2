namespace Cassandra;

/// <summary>How near a host is: decides how many connections are held to it and whether plans hold it.</summary>
public enum HostDistance
{
    /// <summary>In the local data centre.</summary>
    Local = 0,

    /// <summary>Elsewhere: used after the local ones.</summary>
    Remote = 1,

    /// <summary>Never connected to.</summary>
    Ignored = 2,
}

/// <summary>Says which hosts a request goes to, in which order. One instance belongs to one cluster; called from many threads.</summary>
public interface ILoadBalancingPolicy
{
    /// <summary>Called once, after the first look at the cluster's topology.</summary>
    void Initialize(ICluster cluster);

    /// <summary>How near the host is.</summary>
    HostDistance Distance(Host host);

    /// <summary>The hosts to try, in order, for one request; <paramref name="query"/> is null for the session's own requests.</summary>
    IEnumerable<Host> NewQueryPlan(string? keyspace, IStatement? query);
}

/// <summary>A policy that can name the first host of a plan without allocating the plan: most requests need no second one.</summary>
internal interface IFirstHostPolicy
{
    /// <summary>The first host, or null to take the plan's. It counts as one call of NewQueryPlan: the next request starts elsewhere.</summary>
    Host? FirstHost(string? keyspace, IStatement? query);
}
