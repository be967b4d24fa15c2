using System.Buffers.Binary;

namespace StreamPlatform.Streams;

/// <summary>The hash of Java's default partitioner (org.apache.kafka.common.utils.Utils.murmur2).</summary>
public static class Murmur2
{
    public static int Partition(ReadOnlySpan<byte> key, int partitions) => (int)((Hash(key) & 0x7fffffff) % (uint)partitions);

    public static uint Hash(ReadOnlySpan<byte> data)
    {
        const uint m = 0x5bd1e995;
        var h = 0x9747b28cu ^ (uint)data.Length;
        while (data.Length >= 4)
        {
            var k = BinaryPrimitives.ReadUInt32LittleEndian(data);
            k *= m;
            k ^= k >> 24;
            k *= m;
            h = h * m ^ k;
            data = data[4..];
        }
        if (data.Length >= 3) h ^= (uint)data[2] << 16;
        if (data.Length >= 2) h ^= (uint)data[1] << 8;
        if (data.Length >= 1) { h ^= data[0]; h *= m; }
        h ^= h >> 13;
        h *= m;
        return h ^ h >> 15;
    }
}
