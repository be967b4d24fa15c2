using StreamPlatform.Broker.Requests;

namespace StreamPlatform.Broker;

/// <summary>When an acknowledged write is on the disk.</summary>
public enum Durability
{
    /// <summary>fsync before the acknowledgement, shared by all writes waiting at that moment.</summary>
    Durable,
    /// <summary>In the page cache, as Apache Kafka: survives kill -9, not a power cut.</summary>
    Os,
}

/// <summary>What to do to one request, for tests of the layers above.</summary>
public enum FaultKind
{
    None,
    /// <summary>The request is not executed and never answered.</summary>
    Drop,
    /// <summary>The connection is closed before execution.</summary>
    Cut,
    /// <summary>The request is executed, then the connection is closed instead of an answer.</summary>
    CutAfter,
}

/// <summary>A fault for one request: first the delay, then the kind.</summary>
public readonly record struct Fault(FaultKind Kind, TimeSpan Delay = default)
{
    public static readonly Fault None = default;
}

/// <summary>Options of the embedded broker.</summary>
public sealed class BrokerOptions
{
    /// <summary>Directory of the logs; made if missing. Required.</summary>
    public string DataDirectory { get; set; } = "";
    /// <summary>Address to bind. Default 127.0.0.1; without security only a loopback address is accepted.</summary>
    public string Host { get; set; } = "127.0.0.1";
    /// <summary>Port to bind; 0: any free one. Range 0-65535.</summary>
    public int Port { get; set; }
    /// <summary>Host that Metadata tells clients; null: <see cref="Host"/>.</summary>
    public string? AdvertisedHost { get; set; }
    /// <summary>This node's id in Metadata. Default 1, range 0-2^31-1.</summary>
    public int NodeId { get; set; } = 1;
    /// <summary>Default: durable.</summary>
    public Durability Durability { get; set; } = Durability.Durable;

    /// <summary>Connections served at once; more are closed at once. Default 1000, range 1-100000.</summary>
    public int MaxConnections { get; set; } = 1000;
    /// <summary>Largest request, bytes. Default 100 MiB, range 1 KiB-1 GiB.</summary>
    public int MaxRequestBytes { get; set; } = 100 * 1024 * 1024;
    /// <summary>Bytes of requests held in memory by all connections together; beyond it reading waits. Default 256 MiB, at least <see cref="MaxRequestBytes"/>.</summary>
    public long MaxInFlightBytes { get; set; } = 256L * 1024 * 1024;
    /// <summary>Largest fetch response, bytes of records. Default 55 MiB, range 1 KiB-1 GiB.</summary>
    public int MaxFetchBytes { get; set; } = 55 * 1024 * 1024;
    /// <summary>Pipelined requests of one connection in work at once. Default 16, range 1-1000.</summary>
    public int MaxPipelinedPerConnection { get; set; } = 16;
    /// <summary>Connections without a request for so long are closed, ms. Default 10 min, range 1 s-1 d.</summary>
    public int IdleConnectionMs { get; set; } = 600_000;

    /// <summary>Create unknown topics when clients ask for their metadata and allow it. Default off.</summary>
    public bool AutoCreateTopics { get; set; }
    /// <summary>Partitions of topics created without a count. Default 1, range 1-10000.</summary>
    public int DefaultPartitions { get; set; } = 1;
    /// <summary>Partitions of all topics together. Default 10000, range 1-100000.</summary>
    public int MaxPartitions { get; set; } = 10_000;
    /// <summary>How often retention is applied, ms. Default 5 min, range 10 ms-1 d.</summary>
    public int RetentionCheckMs { get; set; } = 300_000;
    /// <summary>A producer that writes nothing for so long is forgotten, ms. Default 1 d, range 1 s-30 d.</summary>
    public long ProducerExpiryMs { get; set; } = 86_400_000;

    /// <summary>Consumer groups and committed offsets.</summary>
    public Groups.GroupOptions Groups { get; } = new();
    /// <summary>Transactions and producer ids.</summary>
    public Transactions.TransactionOptions Transactions { get; } = new();

    /// <summary>Called for every request before it is executed: delay, drop, cut. For tests. Null: no faults.</summary>
    public Func<RequestContext, Fault>? FaultHook { get; set; }
    /// <summary>Called by Produce and Fetch for every topic and partition; a code other than None is answered instead of serving it. For tests. Null: none.</summary>
    public Func<RequestContext, string, int, Wire.ErrorCode>? ErrorHook { get; set; }

    /// <summary>Throws <see cref="ArgumentException"/> naming the key and the accepted range.</summary>
    public void Validate()
    {
        if (string.IsNullOrWhiteSpace(DataDirectory))
        {
            throw new ArgumentException($"{nameof(BrokerOptions)}.{nameof(DataDirectory)} is empty: name the directory of the logs.");
        }
        if (!System.Net.IPAddress.TryParse(Host, out var address))
        {
            throw new ArgumentException($"{nameof(BrokerOptions)}.{nameof(Host)} is '{Host}': it must be an IP address.");
        }
        if (!System.Net.IPAddress.IsLoopback(address))
        {
            throw new ArgumentException($"{nameof(BrokerOptions)}.{nameof(Host)} is {Host}: without TLS or SASL only loopback addresses are served.");
        }
        Range(nameof(Port), Port, 0, 65535);
        Range(nameof(NodeId), NodeId, 0, int.MaxValue);
        Range(nameof(MaxConnections), MaxConnections, 1, 100_000);
        Range(nameof(MaxRequestBytes), MaxRequestBytes, 1024, 1 << 30);
        Range(nameof(MaxInFlightBytes), MaxInFlightBytes, MaxRequestBytes, long.MaxValue);
        Range(nameof(MaxFetchBytes), MaxFetchBytes, 1024, 1 << 30);
        Range(nameof(MaxPipelinedPerConnection), MaxPipelinedPerConnection, 1, 1000);
        Range(nameof(IdleConnectionMs), IdleConnectionMs, 1000, 86_400_000);
        Range(nameof(DefaultPartitions), DefaultPartitions, 1, 10_000);
        Range(nameof(MaxPartitions), MaxPartitions, 1, 100_000);
        Range(nameof(RetentionCheckMs), RetentionCheckMs, 10, 86_400_000);
        Range(nameof(ProducerExpiryMs), ProducerExpiryMs, 1000, 30L * 86_400_000);
        Groups.Validate();
        Transactions.Validate();
    }

    private static void Range(string key, long value, long min, long max)
    {
        if (value < min || value > max)
        {
            throw new ArgumentException($"{nameof(BrokerOptions)}.{key} is {value}: accepted range {min} to {max}.");
        }
    }
}
