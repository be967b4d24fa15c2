using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace StreamPlatform.Postgres.Stores;

/// <summary>
/// Rows in PostgreSQL's binary COPY format (https://www.postgresql.org/docs/current/sql-copy.html, "Binary Format"): all numbers
/// big-endian, each field preceded by its length in bytes, -1 for NULL.
/// </summary>
internal sealed class CopyBuffer : IDisposable
{
    private const int InitialBytes = 512 * 1024;
    private const int VersionOfJsonb = 1;
    private static readonly long EpochTicks = new DateTime(2000, 1, 1, 0, 0, 0, DateTimeKind.Utc).Ticks;

    private byte[] _bytes = ArrayPool<byte>.Shared.Rent(InitialBytes);

    /// <summary>Bytes written since <see cref="Clear"/>.</summary>
    public int Length { get; private set; }

    public ReadOnlyMemory<byte> Written => _bytes.AsMemory(0, Length);

    public void Clear() => Length = 0;

    /// <summary>Signature, no flags, no extension.</summary>
    public void Header()
    {
        ReadOnlySpan<byte> signature = [(byte)'P', (byte)'G', (byte)'C', (byte)'O', (byte)'P', (byte)'Y', (byte)'\n', 0xFF, (byte)'\r', (byte)'\n', 0];
        signature.CopyTo(Take(signature.Length));
        Take(8).Clear();
    }

    /// <summary>Begins a row.</summary>
    public void Row(int fields) => BinaryPrimitives.WriteInt16BigEndian(Take(2), (short)fields);

    /// <summary>Ends the copy.</summary>
    public void Trailer() => BinaryPrimitives.WriteInt16BigEndian(Take(2), -1);

    public void Int32(int value) => BinaryPrimitives.WriteInt32BigEndian(Field(4), value);

    public void Int64(long value) => BinaryPrimitives.WriteInt64BigEndian(Field(8), value);

    public void Real(float? value)
    {
        if (value is { } number)
        {
            BinaryPrimitives.WriteSingleBigEndian(Field(4), number);
        }
        else
        {
            Null();
        }
    }

    public void Bool(bool value) => Field(1)[0] = value ? (byte)1 : (byte)0;

    /// <summary>Microseconds since 2000-01-01 UTC.</summary>
    public void Time(DateTime? value)
    {
        if (value is { } time)
        {
            BinaryPrimitives.WriteInt64BigEndian(Field(8), (time.Ticks - EpochTicks) / TimeSpan.TicksPerMicrosecond);
        }
        else
        {
            Null();
        }
    }

    public void Text(string value) => Utf8(value, 0);

    public void Jsonb(string value) => Utf8(value, VersionOfJsonb);

    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(_bytes);
        _bytes = [];
        Length = 0;
    }

    private void Null() => BinaryPrimitives.WriteInt32BigEndian(Take(4), -1);

    /// <param name="version">Byte before the text; 0 = none.</param>
    private void Utf8(string value, byte version)
    {
        var before = version == 0 ? 0 : 1;
        var room = Reserve(4 + before + Encoding.UTF8.GetMaxByteCount(value.Length));
        if (version != 0)
        {
            room[4] = version;
        }

        var bytes = before + Encoding.UTF8.GetBytes(value, room[(4 + before)..]);
        BinaryPrimitives.WriteInt32BigEndian(room, bytes);
        Length += 4 + bytes;
    }

    private Span<byte> Field(int bytes)
    {
        var field = Take(4 + bytes);
        BinaryPrimitives.WriteInt32BigEndian(field, bytes);
        return field[4..];
    }

    private Span<byte> Take(int bytes)
    {
        var taken = Reserve(bytes);
        Length += bytes;
        return taken[..bytes];
    }

    private Span<byte> Reserve(int bytes)
    {
        if (_bytes.Length - Length < bytes)
        {
            var larger = ArrayPool<byte>.Shared.Rent(checked(Math.Max(2 * _bytes.Length, Length + bytes)));
            _bytes.AsSpan(0, Length).CopyTo(larger);
            ArrayPool<byte>.Shared.Return(_bytes);
            _bytes = larger;
        }

        return _bytes.AsSpan(Length);
    }
}
