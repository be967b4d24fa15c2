using System.Buffers.Binary;

namespace StreamPlatform.Topology.Caching;

/// <summary>
/// A value as the shared cache holds it: one byte of format, the end of its life as Unix milliseconds (8 bytes, big-endian), the value. With its end in it, who gets it late keeps it no
/// longer than who made it.
/// </summary>
public static class CacheEnvelope
{
    private const byte Format = 1;
    private const int Header = 9;

    /// <summary>The value with its end.</summary>
    public static byte[] Seal(ReadOnlySpan<byte> value, DateTimeOffset end)
    {
        var envelope = new byte[Header + value.Length];
        envelope[0] = Format;
        BinaryPrimitives.WriteInt64BigEndian(envelope.AsSpan(1), end.ToUnixTimeMilliseconds());
        value.CopyTo(envelope.AsSpan(Header));
        return envelope;
    }

    /// <summary>The value and what is left of its life by this clock; null when it is over, or of another version of the program.</summary>
    public static (byte[] Value, TimeSpan Left)? Open(byte[] envelope, DateTimeOffset now)
    {
        if (envelope.Length < Header || envelope[0] != Format)
        {
            return null;
        }

        var left = BinaryPrimitives.ReadInt64BigEndian(envelope.AsSpan(1)) - now.ToUnixTimeMilliseconds();
        return left > 0 && left <= (long)TimeSpan.FromDays(366).TotalMilliseconds ? (envelope[Header..], TimeSpan.FromMilliseconds(left)) : null;
    }
}
