using System.Net;

namespace Cassandra;

/// <summary>A node of the cluster, as this client sees it.</summary>
public sealed class Host
{
    private volatile bool isUp = true;

    internal Host(IPEndPoint address) => Address = address;

    /// <summary>Raised when it is thought to be up again.</summary>
    public event Action<Host>? Up;

    /// <summary>Raised when no connection to it is left.</summary>
    public event Action<Host>? Down;

    /// <summary>Where it takes CQL.</summary>
    public IPEndPoint Address { get; }

    /// <summary>Whether requests are sent to it.</summary>
    public bool IsUp => isUp;

    /// <summary>Its data centre; null until the first look at the topology.</summary>
    public string? Datacenter { get; private set; }

    /// <summary>Its rack; null until the first look at the topology.</summary>
    public string? Rack { get; private set; }

    /// <summary>Its id; empty until the first look at the topology.</summary>
    public Guid HostId { get; private set; }

    /// <summary>Its version; null until the first look at the topology.</summary>
    public Version? CassandraVersion { get; private set; }

    /// <summary>Its tokens as text.</summary>
    public IEnumerable<string> Tokens => TokenValues.Select(token => token.ToString(System.Globalization.CultureInfo.InvariantCulture));

    internal long[] TokenValues { get; private set; } = [];

    /// <summary>Takes over what the cluster says; true when something that routing depends on has changed.</summary>
    internal bool Describe(string? datacenter, string? rack, Guid hostId, Version? version, long[] tokens)
    {
        bool changed = Datacenter != datacenter || Rack != rack || !TokenValues.AsSpan().SequenceEqual(tokens);
        (Datacenter, Rack, HostId, CassandraVersion, TokenValues) = (datacenter, rack, hostId, version, tokens);
        return changed;
    }

    /// <summary>True when this call changed it.</summary>
    internal bool SetUp(bool up)
    {
        if (isUp == up)
        {
            return false;
        }
        isUp = up;
        (up ? Up : Down)?.Invoke(this);
        return true;
    }

    /// <inheritdoc/>
    public override string ToString() => Address.ToString();
}
