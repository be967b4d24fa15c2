using System.Buffers.Binary;
using Google.Protobuf.Reflection;

namespace StreamPlatform.Schemas;

/// <summary>
/// Confluent's wire format: 0x00, schema id (int32 big-endian), message indexes, Protobuf payload. Message indexes name the message
/// within the schema's file, from the outermost: their count, then each index, all as zigzag varints; [0] is written as the single byte 0.
/// Source: Confluent Platform documentation, "Wire format".
/// </summary>
public static class WireFormat
{
    /// <summary>First byte.</summary>
    public const byte Magic = 0;

    /// <summary>Bytes before the message indexes.</summary>
    public const int IdPrefixBytes = 5;

    /// <summary>Messages nested deeper than this are refused as malformed.</summary>
    public const int MaxMessageDepth = 64;

    /// <summary>Everything before the payload, for one message type.</summary>
    public static byte[] Prefix(int schemaId, MessageDescriptor message)
    {
        byte[] indexes = EncodeIndexes(IndexesOf(message));
        byte[] prefix = new byte[IdPrefixBytes + indexes.Length];
        prefix[0] = Magic;
        BinaryPrimitives.WriteInt32BigEndian(prefix.AsSpan(1), schemaId);
        indexes.CopyTo(prefix, IdPrefixBytes);
        return prefix;
    }

    /// <summary>Position of a message within its file, from the outermost. Map entries, which no source names, are not counted.</summary>
    public static IReadOnlyList<int> IndexesOf(MessageDescriptor message)
    {
        ArgumentNullException.ThrowIfNull(message);
        var indexes = new List<int>();
        for (MessageDescriptor? current = message; current is not null; current = current.ContainingType)
        {
            MessageDescriptor self = current;
            IEnumerable<MessageDescriptor> siblings = current.ContainingType?.NestedTypes ?? current.File.MessageTypes;
            indexes.Insert(0, siblings.TakeWhile(m => m != self).Count(m => m.ToProto().Options?.MapEntry != true));
        }

        return indexes;
    }

    /// <summary>Reads the prefix of a value.</summary>
    /// <param name="data">A value.</param>
    /// <param name="schemaId">Id of its schema.</param>
    /// <param name="indexes">Message indexes.</param>
    /// <returns>Length of the prefix in bytes; the payload follows.</returns>
    /// <exception cref="MalformedEventException">No such prefix.</exception>
    public static int ReadPrefix(ReadOnlySpan<byte> data, out int schemaId, out IReadOnlyList<int> indexes)
    {
        int position = ReadId(data, out schemaId);
        int count = ReadCount(data, ref position);
        if (count == 0)
        {
            indexes = [0];
            return position;
        }

        var read = new int[count];
        for (int i = 0; i < count; i++)
        {
            read[i] = ReadVarint(data, ref position);
            if (read[i] < 0)
            {
                throw new MalformedEventException("message indexes: a negative index");
            }
        }

        indexes = read;
        return position;
    }

    /// <summary>Length of the prefix in bytes, without looking at what the indexes are: for readers that know their type.</summary>
    /// <exception cref="MalformedEventException">No such prefix.</exception>
    public static int PrefixLength(ReadOnlySpan<byte> data)
    {
        int position = ReadId(data, out _);
        for (int left = ReadCount(data, ref position); left > 0; left--)
        {
            ReadVarint(data, ref position);
        }

        return position;
    }

    /// <summary>Message indexes as they are on the wire.</summary>
    public static byte[] EncodeIndexes(IReadOnlyList<int> indexes)
    {
        ArgumentNullException.ThrowIfNull(indexes);
        if (indexes is [0])
        {
            return [0];
        }

        var bytes = new List<byte>(indexes.Count + 1);
        WriteVarint(bytes, indexes.Count);
        foreach (int index in indexes)
        {
            WriteVarint(bytes, index);
        }

        return [.. bytes];
    }

    private static int ReadId(ReadOnlySpan<byte> data, out int schemaId)
    {
        if (data.Length <= IdPrefixBytes)
        {
            throw new MalformedEventException($"{data.Length} bytes: shorter than the wire format's prefix of 6");
        }

        if (data[0] != Magic)
        {
            throw new MalformedEventException($"first byte is 0x{data[0]:x2}, not the wire format's 0x00");
        }

        schemaId = BinaryPrimitives.ReadInt32BigEndian(data[1..]);
        return IdPrefixBytes;
    }

    private static int ReadCount(ReadOnlySpan<byte> data, ref int position)
    {
        int count = ReadVarint(data, ref position);
        return count is >= 0 and <= MaxMessageDepth ? count : throw new MalformedEventException($"message indexes: a count of {count}");
    }

    private static void WriteVarint(List<byte> bytes, int value)
    {
        uint zigzag = (uint)((value << 1) ^ (value >> 31));
        for (; zigzag >= 0x80; zigzag >>= 7)
        {
            bytes.Add((byte)(zigzag | 0x80));
        }

        bytes.Add((byte)zigzag);
    }

    private static int ReadVarint(ReadOnlySpan<byte> data, ref int position)
    {
        uint zigzag = 0;
        for (int shift = 0; shift < 35; shift += 7)
        {
            if (position >= data.Length)
            {
                throw new MalformedEventException("message indexes: cut short");
            }

            byte next = data[position++];
            zigzag |= (uint)(next & 0x7f) << shift;
            if (next < 0x80)
            {
                return (int)(zigzag >> 1) ^ -(int)(zigzag & 1);
            }
        }

        throw new MalformedEventException("message indexes: a number of more than 5 bytes");
    }
}
