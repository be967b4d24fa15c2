using System.Buffers.Binary;
using System.Collections;

namespace Cassandra.Protocol;

/// <summary>
/// Bound values already in wire form (each an int length, then the bytes), so that a request copies them in one move. Build with <see cref="CqlWriter"/>: one [value] per marker.
/// </summary>
internal sealed class EncodedValues : IReadOnlyList<ReadOnlyMemory<byte>?>
{
    private static readonly byte[] UnsetBytes = new byte[1];

    public static readonly EncodedValues Empty = new(0, default);

    /// <summary>Marks a value that is to leave its column as it is; recognised by identity.</summary>
    public static readonly ReadOnlyMemory<byte> Unset = UnsetBytes.AsMemory(1);

    public EncodedValues(int count, ReadOnlyMemory<byte> wire)
    {
        Count = count;
        Wire = wire;
    }

    public int Count { get; }

    /// <summary>The values as they go on the wire, without their count.</summary>
    public ReadOnlyMemory<byte> Wire { get; }

    /// <summary>Walks to the value: for tests and routing keys of few columns, not for loops.</summary>
    public ReadOnlyMemory<byte>? this[int index]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)Count, nameof(index));
            int at = 0;
            for (int i = 0; ; i++)
            {
                int length = BinaryPrimitives.ReadInt32BigEndian(Wire.Span[at..]);
                if (i == index)
                {
                    return length == -2 ? Unset : length < 0 ? default(ReadOnlyMemory<byte>?) : Wire.Slice(at + 4, length);
                }
                at += 4 + Math.Max(0, length);
            }
        }
    }

    public static bool IsUnset(ReadOnlyMemory<byte> value) => value.Equals(Unset);

    public IEnumerator<ReadOnlyMemory<byte>?> GetEnumerator()
    {
        for (int i = 0; i < Count; i++)
        {
            yield return this[i];
        }
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
