namespace Cassandra;

/// <summary>Connections per host and requests per connection.</summary>
public sealed class PoolingOptions
{
    private readonly int[] core = [1, 1];
    private readonly int[] max = [2, 1];
    private readonly int[] growAt = [128, 128];
    private int maxRequestsPerConnection = 2048;
    private int heartBeatIntervalMs = 30_000;

    /// <summary>The defaults.</summary>
    public static PoolingOptions Create() => new();

    /// <summary>Connections opened when a host comes up: local 1, remote 1; range 1 to 128.</summary>
    public int GetCoreConnectionsPerHost(HostDistance distance) => distance == HostDistance.Ignored ? 0 : core[(int)distance];

    /// <summary>Connections at most, opened when the open ones are busy: local 2, remote 1; range 1 to 128.</summary>
    public int GetMaxConnectionPerHost(HostDistance distance) => distance == HostDistance.Ignored ? 0 : max[(int)distance];

    /// <summary>Requests in flight per connection at most; further ones fail with <see cref="BusyPoolException"/>. Default 2048, range 1 to 32,768.</summary>
    public int GetMaxRequestsPerConnection() => maxRequestsPerConnection;

    /// <summary>Requests in flight on the least busy connection from which on another is opened. Default 128, range 1 to 32,768.</summary>
    public int GetMaxSimultaneousRequestsPerConnectionTreshold(HostDistance distance) => distance == HostDistance.Ignored ? 0 : growAt[(int)distance];

    /// <summary>Milliseconds of silence after which a connection is asked whether it lives; 0 never asks. Default 30,000.</summary>
    public int GetHeartBeatInterval() => heartBeatIntervalMs;

    /// <summary>See <see cref="GetCoreConnectionsPerHost"/>.</summary>
    public PoolingOptions SetCoreConnectionsPerHost(HostDistance distance, int coreConnections) => Set(core, distance, coreConnections);

    /// <summary>See <see cref="GetMaxConnectionPerHost"/>.</summary>
    public PoolingOptions SetMaxConnectionsPerHost(HostDistance distance, int maxConnections) => Set(max, distance, maxConnections);

    /// <summary>See <see cref="GetMaxRequestsPerConnection"/>.</summary>
    public PoolingOptions SetMaxRequestsPerConnection(int maxRequests)
    {
        maxRequestsPerConnection = maxRequests;
        return this;
    }

    /// <summary>See <see cref="GetMaxSimultaneousRequestsPerConnectionTreshold"/>; the name is the official driver's.</summary>
    public PoolingOptions SetMaxSimultaneousRequestsPerConnectionTreshold(HostDistance distance, int requests) => Set(growAt, distance, requests);

    /// <summary>See <see cref="GetHeartBeatInterval"/>.</summary>
    public PoolingOptions SetHeartBeatInterval(int heartBeatIntervalMs)
    {
        this.heartBeatIntervalMs = heartBeatIntervalMs;
        return this;
    }

    internal void Validate()
    {
        foreach (HostDistance distance in new[] { HostDistance.Local, HostDistance.Remote })
        {
            Range(core[(int)distance], 1, 128, $"core connections per host ({distance})");
            Range(max[(int)distance], core[(int)distance], 128, $"max connections per host ({distance})");
            Range(growAt[(int)distance], 1, 32_768, $"requests in flight from which on another connection is opened ({distance})");
        }
        Range(maxRequestsPerConnection, 1, 32_768, "requests in flight per connection");
        Range(heartBeatIntervalMs, 0, int.MaxValue, "heartbeat interval (ms)");
    }

    internal static void Range(long value, long min, long max, string name)
    {
        if (value < min || value > max)
        {
            throw new ArgumentOutOfRangeException(name, $"{name} is {value}; it has to be {min} to {max}");
        }
    }

    private PoolingOptions Set(int[] values, HostDistance distance, int value)
    {
        if (distance == HostDistance.Ignored)
        {
            throw new ArgumentOutOfRangeException(nameof(distance), "an ignored host has no connections");
        }
        values[(int)distance] = value;
        return this;
    }
}
