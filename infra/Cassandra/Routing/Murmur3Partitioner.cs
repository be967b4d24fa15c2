using System.Buffers.Binary;
using System.Numerics;

namespace Cassandra;

/// <summary>
/// The token of a partition key as Cassandra's Murmur3Partitioner computes it: the first half of MurmurHash3 x64 128 with seed 0, where the bytes of
/// the tail are taken as signed (a slip in org.apache.cassandra.utils.MurmurHash that has become the format), and the smallest long becomes the largest.
/// </summary>
internal static class Murmur3Partitioner
{
    /// <summary>The class name in <c>system.local</c> ends with this.</summary>
    public const string Name = "Murmur3Partitioner";

    private const ulong C1 = 0x87c37b91114253d5;
    private const ulong C2 = 0x4cf5ad432745937f;

    /// <param name="key">The serialized partition key: the value itself, or for several columns each as [length: 2][bytes][0].</param>
    public static long Token(ReadOnlySpan<byte> key)
    {
        ulong h1 = 0, h2 = 0;
        ReadOnlySpan<byte> rest = key;
        while (rest.Length >= 16)
        {
            ulong k1 = BinaryPrimitives.ReadUInt64LittleEndian(rest);
            ulong k2 = BinaryPrimitives.ReadUInt64LittleEndian(rest[8..]);
            h1 = (BitOperations.RotateLeft(h1 ^ MixFirst(k1), 27) + h2) * 5 + 0x52dce729;
            h2 = (BitOperations.RotateLeft(h2 ^ MixSecond(k2), 31) + h1) * 5 + 0x38495ab5;
            rest = rest[16..];
        }
        ulong tail1 = 0, tail2 = 0;
        for (int i = rest.Length - 1; i >= 0; i--)
        {
            ulong signed = unchecked((ulong)(sbyte)rest[i]);
            if (i >= 8)
            {
                tail2 ^= signed << ((i - 8) * 8);
            }
            else
            {
                tail1 ^= signed << (i * 8);
            }
        }
        h2 ^= rest.Length > 8 ? MixSecond(tail2) : 0;
        h1 ^= rest.Length > 0 ? MixFirst(tail1) : 0;
        h1 ^= (ulong)key.Length;
        h2 ^= (ulong)key.Length;
        h1 += h2;
        h2 += h1;
        long token = unchecked((long)(Finish(h1) + Finish(h2)));
        return token == long.MinValue ? long.MaxValue : token;
    }

    private static ulong MixFirst(ulong k) => BitOperations.RotateLeft(k * C1, 31) * C2;

    private static ulong MixSecond(ulong k) => BitOperations.RotateLeft(k * C2, 33) * C1;

    private static ulong Finish(ulong k)
    {
        k = (k ^ (k >> 33)) * 0xff51afd7ed558ccd;
        k = (k ^ (k >> 33)) * 0xc4ceb9fe1a85ec53;
        return k ^ (k >> 33);
    }
}
