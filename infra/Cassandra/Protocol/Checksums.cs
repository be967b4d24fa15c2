using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Cassandra.Protocol;

/// <summary>
/// Checksums of segments (native protocol v5, section 2.2): a CRC24 over the header, seed 0x875060, polynomial 0x1974F0B, and zlib's CRC32 over the payload, primed with the four
/// bytes FA 2D 55 CA so that a run of zeros is not its own checksum.
/// </summary>
internal static class Checksums
{
    private const int Crc24Seed = 0x875060;
    private const int Crc24Polynomial = 0x1974F0B;
    private static readonly uint[] Tables = MakeTables();
    private static readonly uint Primed = Update(~0u, [0xFA, 0x2D, 0x55, 0xCA]);

    /// <summary>Of the low <paramref name="bytes"/> bytes, the lowest first.</summary>
    public static int Crc24(ulong header, int bytes)
    {
        int crc = Crc24Seed;
        for (; bytes > 0; bytes--, header >>= 8)
        {
            crc ^= (int)(header & 0xFF) << 16;
            for (int bit = 0; bit < 8; bit++)
            {
                crc <<= 1;
                if ((crc & 0x1000000) != 0)
                {
                    crc ^= Crc24Polynomial;
                }
            }
        }
        return crc;
    }

    public static uint Crc32(ReadOnlySpan<byte> payload) => ~Update(Primed, payload);

    /// <summary>Eight bytes a step (slicing-by-8): the processor's own CRC instruction computes another polynomial.</summary>
    private static uint Update(uint crc, ReadOnlySpan<byte> data)
    {
        ref uint table = ref MemoryMarshal.GetArrayDataReference(Tables);
        ref byte at = ref MemoryMarshal.GetReference(data);
        nuint i = 0, end = (nuint)data.Length;
        for (; i + 8 <= end; i += 8)
        {
            uint low = crc ^ Unsafe.ReadUnaligned<uint>(ref Unsafe.Add(ref at, i));
            uint high = Unsafe.ReadUnaligned<uint>(ref Unsafe.Add(ref at, i + 4));
            crc = Entry(ref table, 7, low) ^ Entry(ref table, 6, low >> 8) ^ Entry(ref table, 5, low >> 16) ^ Entry(ref table, 4, low >> 24)
                ^ Entry(ref table, 3, high) ^ Entry(ref table, 2, high >> 8) ^ Entry(ref table, 1, high >> 16) ^ Entry(ref table, 0, high >> 24);
        }
        for (; i < end; i++)
        {
            crc = Entry(ref table, 0, crc ^ Unsafe.Add(ref at, i)) ^ (crc >> 8);
        }
        return crc;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint Entry(ref uint table, int slice, uint value) => Unsafe.Add(ref table, (slice << 8) | (int)(value & 0xFF));

    private static uint[] MakeTables()
    {
        uint[] tables = new uint[8 * 256];
        for (uint i = 0; i < 256; i++)
        {
            uint crc = i;
            for (int bit = 0; bit < 8; bit++)
            {
                crc = (crc & 1) != 0 ? (crc >> 1) ^ 0xEDB88320 : crc >> 1;
            }
            tables[i] = crc;
        }
        for (int i = 256; i < tables.Length; i++)
        {
            uint before = tables[i - 256];
            tables[i] = (before >> 8) ^ tables[before & 0xFF];
        }
        return tables;
    }
}
