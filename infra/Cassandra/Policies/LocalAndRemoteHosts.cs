namespace Cassandra;

/// <summary>The hosts of a snapshot divided by data centre; worked out again only when the snapshot has been replaced.</summary>
internal sealed class LocalAndRemoteHosts(string? localDatacenter)
{
    private Division current = new([], [], []);

    public Division Of(Host[] hosts)
    {
        Division known = Volatile.Read(ref current);
        if (ReferenceEquals(known.Source, hosts))
        {
            return known;
        }
        Division division = new(hosts, [.. hosts.Where(IsLocal)], [.. hosts.Where(host => !IsLocal(host))]);
        Volatile.Write(ref current, division);
        return division;
    }

    // a host whose data centre is not known yet (a contact point before the first look at the topology) counts as near
    public bool IsLocal(Host host) => localDatacenter is null || host.Datacenter is null || host.Datacenter == localDatacenter;

    internal sealed record Division(Host[] Source, Host[] Local, Host[] Remote);
}
