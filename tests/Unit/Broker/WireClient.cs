using System.Buffers.Binary;
using System.Net.Sockets;
using StreamPlatform.Broker.Wire;

namespace StreamPlatform.Tests.Unit.Broker;

/// <summary>One connection that speaks frames, for what no real client would send.</summary>
internal sealed class WireClient : IDisposable
{
    private readonly TcpClient _tcp = new();
    private readonly NetworkStream _stream;
    private int _lastCorrelationId;

    public WireClient(int port)
    {
        _tcp.Connect("127.0.0.1", port);
        _tcp.NoDelay = true;
        _stream = _tcp.GetStream();
    }

    public void SendRaw(ReadOnlySpan<byte> bytes) => _stream.Write(bytes);

    /// <summary>Sends one request and returns its correlation id.</summary>
    public int Send(ApiKey key, short version, Action<KafkaWriter> body)
    {
        var flexible = SupportedApis.TryGet(key, out var range) && version >= range.FirstFlexible;
        using var writer = new KafkaWriter(flexible);
        writer.WriteInt32(0);
        writer.WriteInt16((short)key);
        writer.WriteInt16(version);
        writer.WriteInt32(++_lastCorrelationId);
        writer.Flexible = false;
        writer.WriteNullableString("test");
        writer.Flexible = flexible;
        writer.WriteEmptyTaggedFields();
        body(writer);
        writer.PatchInt32(0, writer.Length - 4);
        _stream.Write(writer.WrittenSpan);
        return _lastCorrelationId;
    }

    /// <summary>The next frame (correlation id and the rest), or null if the broker has closed.</summary>
    public async Task<(int CorrelationId, byte[] Body)?> ReceiveAsync()
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        var length = new byte[4];
        try
        {
            await _stream.ReadExactlyAsync(length, limit.Token);
            var frame = new byte[BinaryPrimitives.ReadInt32BigEndian(length)];
            await _stream.ReadExactlyAsync(frame, limit.Token);
            return (BinaryPrimitives.ReadInt32BigEndian(frame), frame[4..]);
        }
        catch (IOException)
        {
            return null;
        }
    }

    /// <summary>Sends and awaits the answer's body. Flexible responses lose the tagged fields of their header (ApiVersions has none).</summary>
    public async Task<byte[]> CallAsync(ApiKey key, short version, Action<KafkaWriter> body)
    {
        var id = Send(key, version, body);
        var answer = await ReceiveAsync() ?? throw new IOException("closed by the broker");
        Assert.Equal(id, answer.CorrelationId);
        return key != ApiKey.ApiVersions && version >= SupportedApis.Of(key).FirstFlexible ? answer.Body[1..] : answer.Body;
    }

    /// <summary>Produce v7 of one batch to one partition.</summary>
    public int SendProduce(string topic, int partition, byte[] batch, short acks = -1) => Send(ApiKey.Produce, 7, writer =>
    {
        writer.WriteNullableString(null);
        writer.WriteInt16(acks);
        writer.WriteInt32(1000);
        writer.WriteArrayLength(1);
        writer.WriteString(topic);
        writer.WriteArrayLength(1);
        writer.WriteInt32(partition);
        writer.WriteBytes(batch);
    });

    /// <summary>Error and base offset in a Produce v7 answer for one partition.</summary>
    public static (ErrorCode Error, long BaseOffset) ParseProduce(byte[] body)
    {
        var reader = new KafkaReader(body);
        reader.ReadArrayLength();
        reader.ReadString();
        reader.ReadArrayLength();
        reader.ReadInt32();
        return ((ErrorCode)reader.ReadInt16(), reader.ReadInt64());
    }

    /// <summary>Fetch v4 of one partition.</summary>
    public int SendFetch(string topic, int partition, long offset, int maxWaitMs, int minBytes = 1) => Send(ApiKey.Fetch, 4, writer =>
    {
        writer.WriteInt32(-1);
        writer.WriteInt32(maxWaitMs);
        writer.WriteInt32(minBytes);
        writer.WriteInt32(1 << 20);
        writer.WriteInt8(0);
        writer.WriteArrayLength(1);
        writer.WriteString(topic);
        writer.WriteArrayLength(1);
        writer.WriteInt32(partition);
        writer.WriteInt64(offset);
        writer.WriteInt32(1 << 20);
    });

    /// <summary>Error, high watermark and records of a Fetch v4 answer for one partition.</summary>
    public static (ErrorCode Error, long HighWatermark, byte[] Records) ParseFetch(byte[] body)
    {
        var reader = new KafkaReader(body);
        reader.ReadInt32();
        reader.ReadArrayLength();
        reader.ReadString();
        reader.ReadArrayLength();
        reader.ReadInt32();
        var error = (ErrorCode)reader.ReadInt16();
        var highWatermark = reader.ReadInt64();
        reader.ReadInt64();
        reader.ReadNullableArrayLength();
        return (error, highWatermark, reader.ReadBytes().ToArray());
    }

    /// <summary>Goes away as a killed client does: the broker's next read or write meets a reset connection.</summary>
    public void Reset()
    {
        _tcp.LingerState = new LingerOption(true, 0);
        _tcp.Client.Close();
    }

    public void Dispose() => _tcp.Dispose();
}
