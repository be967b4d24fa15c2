using System.Buffers.Binary;
using System.Text;

namespace StreamPlatform.Streams;

/// <summary>One entry of a window store: an open window, or the note up to where windows are closed.</summary>
/// <param name="MaxTimestampMs">Largest timestamp counted; the key's clock is the largest over its entries.</param>
/// <param name="ClosedUntilMs">End of the last closed window; -1 in an open window.</param>
internal sealed record WindowEntry<TAcc>(long MaxTimestampMs, long ClosedUntilMs, RecordHeaders Headers, TAcc? Acc);

/// <summary>int64 clock, int64 closed-until, byte header count, headers (uint16 length + bytes, twice), accumulator.</summary>
internal sealed class WindowEntrySerde<TAcc>(ISerde<TAcc> accSerde) : ISerde<WindowEntry<TAcc>>
{
    private static readonly byte[] NoHeaders = [0];

    public byte[] Serialize(string topic, WindowEntry<TAcc> value)
    {
        var headers = value.Headers.Count == 0 ? NoHeaders : HeaderBytes(value.Headers);
        var acc = value.ClosedUntilMs < 0 ? accSerde.Serialize(topic, value.Acc!) : [];
        var bytes = new byte[16 + headers.Length + acc.Length];
        BinaryPrimitives.WriteInt64BigEndian(bytes, value.MaxTimestampMs);
        BinaryPrimitives.WriteInt64BigEndian(bytes.AsSpan(8), value.ClosedUntilMs);
        headers.CopyTo(bytes, 16);
        acc.CopyTo(bytes, 16 + headers.Length);
        return bytes;
    }

    private static byte[] HeaderBytes(RecordHeaders headers)
    {
        using var stream = new MemoryStream();
        var kept = headers.Where(h => h.Value is { Length: <= ushort.MaxValue }).Take(byte.MaxValue).ToList();
        stream.WriteByte((byte)kept.Count);
        foreach (var header in kept)
        {
            Write(stream, Encoding.UTF8.GetBytes(header.Key));
            Write(stream, header.Value!);
        }
        return stream.ToArray();
    }

    public WindowEntry<TAcc> Deserialize(string topic, ReadOnlySpan<byte> data)
    {
        try
        {
            var clock = BinaryPrimitives.ReadInt64BigEndian(data);
            var closed = BinaryPrimitives.ReadInt64BigEndian(data[8..]);
            int count = data[16];
            var rest = data[17..];
            var headers = count == 0 ? RecordHeaders.Empty : new RecordHeaders();
            for (var i = 0; i < count; i++)
            {
                var name = Encoding.UTF8.GetString(Read(ref rest));
                headers.Add(name, Read(ref rest).ToArray());
            }
            return new(clock, closed, headers, closed < 0 ? accSerde.Deserialize(topic, rest) : default);
        }
        catch (ArgumentOutOfRangeException e) { throw new SerializationException($"a truncated window entry on {topic}", e); }
        catch (IndexOutOfRangeException e) { throw new SerializationException($"a truncated window entry on {topic}", e); }
    }

    private static void Write(MemoryStream stream, byte[] bytes)
    {
        Span<byte> length = stackalloc byte[2];
        BinaryPrimitives.WriteUInt16BigEndian(length, (ushort)bytes.Length);
        stream.Write(length);
        stream.Write(bytes);
    }

    private static ReadOnlySpan<byte> Read(ref ReadOnlySpan<byte> rest)
    {
        int length = BinaryPrimitives.ReadUInt16BigEndian(rest);
        var bytes = rest.Slice(2, length);
        rest = rest[(2 + length)..];
        return bytes;
    }
}
