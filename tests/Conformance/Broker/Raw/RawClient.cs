using System.Buffers.Binary;
using System.Net.Sockets;
using System.Text;

namespace StreamPlatform.Tests.Conformance.Broker;

/// <summary>
/// One connection that speaks classic (non-flexible) Kafka requests by hand, for what no client library can be made to send. Written from the protocol's
/// schema, sharing no code with the broker.
/// </summary>
internal sealed class RawClient : IDisposable
{
    private readonly TcpClient tcp;
    private int correlation;

    private RawClient(TcpClient tcp) => this.tcp = tcp;

    /// <summary>
    /// Connects, and waits until the coordinator of a group (key type 0) or a transactional id (1) is there, as every client does: Kafka makes its internal
    /// topics when it is first asked.
    /// </summary>
    public static async Task<RawClient> ConnectAsync(string bootstrapServers, int keyType, string key)
    {
        var parts = bootstrapServers.Split(':');
        var deadline = DateTime.UtcNow + TimeSpan.FromSeconds(20);
        while (true)
        {
            try
            {
                var client = new RawClient(new TcpClient(parts[0], int.Parse(parts[1], System.Globalization.CultureInfo.InvariantCulture)));
                while (await client.FindCoordinatorAsync(keyType, key) != 0)
                {
                    Assert.True(DateTime.UtcNow < deadline, "no coordinator");
                    await Task.Delay(50);
                }

                return client;
            }
            catch (SocketException) when (DateTime.UtcNow < deadline)
            {
                await Task.Delay(50); // still starting
            }
        }
    }

    private async Task<short> FindCoordinatorAsync(int keyType, string key)
    {
        var answer = await CallAsync(10, 1, w => w.String(key).Int8(keyType));
        answer.Int32();
        return answer.Int16();
    }

    /// <summary>Sends and waits for the answer's body (after the correlation id).</summary>
    public async Task<RawReader> CallAsync(short apiKey, short version, Action<RawWriter> body)
    {
        await SendAsync(apiKey, version, body);
        return await ReceiveAsync();
    }

    public async Task SendAsync(short apiKey, short version, Action<RawWriter> body)
    {
        var writer = new RawWriter();
        writer.Int16(apiKey).Int16(version).Int32(++correlation).String("raw");
        body(writer);
        var bytes = writer.ToArray();
        var frame = new byte[4 + bytes.Length];
        BinaryPrimitives.WriteInt32BigEndian(frame, bytes.Length);
        bytes.CopyTo(frame, 4);
        await tcp.GetStream().WriteAsync(frame);
    }

    public async Task<RawReader> ReceiveAsync()
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        var size = new byte[4];
        await tcp.GetStream().ReadExactlyAsync(size, patience.Token);
        var frame = new byte[BinaryPrimitives.ReadInt32BigEndian(size)];
        await tcp.GetStream().ReadExactlyAsync(frame, patience.Token);
        var reader = new RawReader(frame);
        reader.Int32();
        return reader;
    }

    public void Dispose() => tcp.Dispose();
}

internal sealed class RawWriter
{
    private readonly MemoryStream stream = new();

    public RawWriter Int8(int value) => Raw([(byte)value]);

    public RawWriter Int16(int value) => Raw([(byte)(value >> 8), (byte)value]);

    public RawWriter Int32(int value)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(bytes, value);
        return Raw(bytes);
    }

    public RawWriter Int64(long value)
    {
        var bytes = new byte[8];
        BinaryPrimitives.WriteInt64BigEndian(bytes, value);
        return Raw(bytes);
    }

    public RawWriter String(string? value) => value is null ? Int16(-1) : Int16(Encoding.UTF8.GetByteCount(value)).Raw(Encoding.UTF8.GetBytes(value));

    public RawWriter Bytes(byte[] value) => Int32(value.Length).Raw(value);

    public RawWriter Raw(byte[] value)
    {
        stream.Write(value);
        return this;
    }

    public byte[] ToArray() => stream.ToArray();
}

internal sealed class RawReader(byte[] bytes)
{
    private int position;

    public short Int16() => BinaryPrimitives.ReadInt16BigEndian(Take(2));

    public int Int32() => BinaryPrimitives.ReadInt32BigEndian(Take(4));

    public long Int64() => BinaryPrimitives.ReadInt64BigEndian(Take(8));

    public string? String() => Int16() is >= 0 and var length ? Encoding.UTF8.GetString(Take(length)) : null;

    public byte[] Bytes() => Take(Int32()).ToArray();

    private ReadOnlySpan<byte> Take(int count)
    {
        position += count;
        return bytes.AsSpan(position - count, count);
    }
}
