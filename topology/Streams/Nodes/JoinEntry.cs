using System.Buffers.Binary;

namespace StreamPlatform.Streams;

internal enum JoinPart : byte { Left = 1, Right = 2, Clock = 3 }

/// <summary>One entry of a stream-stream join's store: a held record of either side, or the note of the key's clock.</summary>
/// <param name="Matched">It met something, so an outer join has nothing to add when it goes.</param>
internal sealed record JoinEntry<VLeft, VRight>(JoinPart Part, bool Matched, long TimestampMs, VLeft? Left, VRight? Right);

/// <summary>Byte part, byte matched, int64 timestamp, the side's value.</summary>
internal sealed class JoinEntrySerde<VLeft, VRight>(ISerde<VLeft> left, ISerde<VRight> right) : ISerde<JoinEntry<VLeft, VRight>>
{
    private const int HeadBytes = 10;

    public byte[] Serialize(string topic, JoinEntry<VLeft, VRight> value)
    {
        byte[] payload = value.Part switch { JoinPart.Left => left.Serialize(topic, value.Left!), JoinPart.Right => right.Serialize(topic, value.Right!), _ => [] };
        var bytes = new byte[HeadBytes + payload.Length];
        bytes[0] = (byte)value.Part;
        bytes[1] = value.Matched ? (byte)1 : (byte)0;
        BinaryPrimitives.WriteInt64BigEndian(bytes.AsSpan(2), value.TimestampMs);
        payload.CopyTo(bytes, HeadBytes);
        return bytes;
    }

    public JoinEntry<VLeft, VRight> Deserialize(string topic, ReadOnlySpan<byte> data)
    {
        if (data.Length < HeadBytes) throw new SerializationException($"a truncated join entry on {topic}");
        var part = (JoinPart)data[0];
        return new(part, data[1] != 0, BinaryPrimitives.ReadInt64BigEndian(data[2..]),
            part == JoinPart.Left ? left.Deserialize(topic, data[HeadBytes..]) : default, part == JoinPart.Right ? right.Deserialize(topic, data[HeadBytes..]) : default);
    }
}
