using System.Buffers.Binary;
using System.Numerics;

namespace StreamPlatform.Tests.Conformance.Broker;

/// <summary>A record batch (format v2) with one record, made by hand.</summary>
internal static class RawBatch
{
    public static byte[] Of(string value, long producerId, short epoch, int sequence, bool transactional)
    {
        var text = System.Text.Encoding.UTF8.GetBytes(value);
        // length, attributes, timestamp delta, offset delta, key length -1, value length, value, headers; all small enough for one-byte varints
        byte[] record = [0, 0, 0, 1, (byte)(text.Length << 1), .. text, 0];
        byte[] records = [(byte)(record.Length << 1), .. record];
        var now = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
        var tail = new RawWriter().Int16(transactional ? 0x10 : 0).Int32(0).Int64(now).Int64(now).Int64(producerId).Int16(epoch).Int32(sequence).Int32(1).Raw(records).ToArray();
        var crc = new byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(crc, Crc32C(tail));
        return new RawWriter().Int64(0).Int32(4 + 1 + 4 + tail.Length).Int32(-1).Int8(2).Raw(crc).Raw(tail).ToArray();
    }

    private static uint Crc32C(byte[] bytes)
    {
        var crc = uint.MaxValue;
        foreach (var b in bytes)
        {
            crc = BitOperations.Crc32C(crc, b);
        }

        return ~crc;
    }
}
