namespace Cassandra;

/// <summary>Time-outs of connections.</summary>
public sealed class SocketOptions
{
    /// <summary>Milliseconds that opening a connection may take, handshakes included. Default 5,000, range 1 to 600,000.</summary>
    public int ConnectTimeoutMillis { get; private set; } = 5_000;

    /// <summary>Milliseconds that one attempt of a request may take. Default 12,000, range 1 to 600,000.</summary>
    public int ReadTimeoutMillis { get; private set; } = 12_000;

    /// <summary>See <see cref="ConnectTimeoutMillis"/>.</summary>
    public SocketOptions SetConnectTimeoutMillis(int connectTimeoutMillis)
    {
        ConnectTimeoutMillis = connectTimeoutMillis;
        return this;
    }

    /// <summary>See <see cref="ReadTimeoutMillis"/>.</summary>
    public SocketOptions SetReadTimeoutMillis(int milliseconds)
    {
        ReadTimeoutMillis = milliseconds;
        return this;
    }

    internal void Validate()
    {
        PoolingOptions.Range(ConnectTimeoutMillis, 1, 600_000, nameof(ConnectTimeoutMillis));
        PoolingOptions.Range(ReadTimeoutMillis, 1, 600_000, nameof(ReadTimeoutMillis));
    }
}
