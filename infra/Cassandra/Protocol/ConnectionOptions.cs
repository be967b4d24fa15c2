using System.Net;
using System.Net.Security;

namespace Cassandra.Protocol;

/// <summary>Compression of segments.</summary>
internal enum Compression
{
    None,
    Lz4,
}

/// <summary>How one connection is opened and what bounds it.</summary>
internal sealed class ConnectionOptions
{
    /// <summary>Keyspace of unqualified tables; null: none.</summary>
    public string? Keyspace { get; init; }

    /// <summary>Default none; Lz4 falls back to none where the server lacks it.</summary>
    public Compression Compression { get; init; }

    /// <summary>Used when the server asks; null: an asking server is an <see cref="AuthenticationException"/>.</summary>
    public IAuthProvider? AuthProvider { get; init; }

    /// <summary>TLS when not null. The certificate and the host name (<see cref="SslClientAuthenticationOptions.TargetHost"/>, else the address) are checked unless the caller's own callback decides otherwise.</summary>
    public SslClientAuthenticationOptions? Tls { get; init; }

    /// <summary>The name to check by address, where <see cref="Tls"/> has none; null: the address.</summary>
    public Func<IPAddress, string>? TlsHostName { get; init; }

    /// <summary>From the first SYN until the keyspace is set. Default 5 s, at most 5 minutes.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>A heartbeat goes out when nothing came in for so long. Default 30 s; 1 s to 1 hour.</summary>
    public TimeSpan HeartbeatInterval { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The connection is closed when a heartbeat is not answered within this. Default 5 s; 100 ms to 5 minutes.</summary>
    public TimeSpan HeartbeatTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How exactly request timeouts are kept. Default 20 ms; 1 ms to 1 s.</summary>
    public TimeSpan TimeoutResolution { get; init; } = TimeSpan.FromMilliseconds(20);

    /// <summary>Requests on the wire at once. Default 2,048; 1 to 32,768.</summary>
    public int MaxInFlight { get; init; } = 2048;

    /// <summary>Requests that may wait for a stream id or for room in the write buffer. Default 4,096; 0 to 1,000,000.</summary>
    public int MaxWaiting { get; init; } = 4096;

    /// <summary>Requests given up whose answer never came, before the connection is closed. Default 1,024; 1 to 32,768.</summary>
    public int MaxOrphans { get; init; } = 1024;

    /// <summary>Bytes encoded but not yet written; over it, requests wait. Default 4 MiB; 64 KiB to 1 GiB.</summary>
    public int MaxPendingBytes { get; init; } = 4 << 20;

    /// <summary>Largest request or response body. Default and most 256 MiB, the protocol's own limit; at least 64 KiB.</summary>
    public int MaxFrameBytes { get; init; } = 256 << 20;

    /// <summary>Name that the server shows in its client list (system_views.clients).</summary>
    public string DriverName { get; init; } = "StreamPlatform.Cassandra";

    /// <summary>Names the option that is out of range.</summary>
    public void Validate()
    {
        Check(nameof(ConnectTimeout), ConnectTimeout, TimeSpan.FromMilliseconds(1), TimeSpan.FromMinutes(5));
        Check(nameof(HeartbeatInterval), HeartbeatInterval, TimeSpan.FromSeconds(1), TimeSpan.FromHours(1));
        Check(nameof(HeartbeatTimeout), HeartbeatTimeout, TimeSpan.FromMilliseconds(100), TimeSpan.FromMinutes(5));
        Check(nameof(TimeoutResolution), TimeoutResolution, TimeSpan.FromMilliseconds(1), TimeSpan.FromSeconds(1));
        Check(nameof(MaxInFlight), MaxInFlight, 1, 32_768);
        Check(nameof(MaxWaiting), MaxWaiting, 0, 1_000_000);
        Check(nameof(MaxOrphans), MaxOrphans, 1, 32_768);
        Check(nameof(MaxPendingBytes), MaxPendingBytes, 64 << 10, 1 << 30);
        Check(nameof(MaxFrameBytes), MaxFrameBytes, 64 << 10, 256 << 20);
    }

    private static void Check<T>(string name, T value, T least, T most)
        where T : IComparable<T>
    {
        if (value.CompareTo(least) < 0 || value.CompareTo(most) > 0)
        {
            throw new ArgumentOutOfRangeException(name, value, $"{name} must be from {least} to {most}.");
        }
    }
}
