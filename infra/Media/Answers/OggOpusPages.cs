using System.Buffers.Binary;
using System.Text;

namespace StreamPlatform.Media.Answers;

/// <summary>
/// Pages of an Ogg file with one stream of Opus: two of headers, then packets as they were sent, nothing decoded. Sources: RFC 3533, section 6 (pages and their
/// CRC); RFC 7845, sections 4 and 5 (granule positions, OpusHead, OpusTags).
/// </summary>
internal sealed class OggOpusPages
{
    /// <summary>Samples at 48 kHz that a decoder drops: the delay of libopus, which browsers encode with, at its default settings.</summary>
    public const int PreSkip = 312;

    private const int MaxSegments = 255;
    private const int HeaderBytes = 27;
    private const byte First = 2;
    private const byte Last = 4;
    private const int Serial = 1; // the file has one stream

    private static readonly uint[] CrcTable = [.. Enumerable.Range(0, 256).Select(Entry)];

    private readonly List<byte> lacing = [];
    private readonly List<byte> body = [];
    private uint page;
    private long granule = PreSkip;

    /// <summary>The two header pages.</summary>
    /// <param name="channels">1 or 2, as the first packet says.</param>
    public byte[] Head(int channels)
    {
        var head = new byte[19];
        "OpusHead"u8.CopyTo(head);
        (head[8], head[9]) = (1, (byte)channels);
        BinaryPrimitives.WriteUInt16LittleEndian(head.AsSpan(10), PreSkip);
        BinaryPrimitives.WriteUInt32LittleEndian(head.AsSpan(12), 16_000); // what was recorded; players decode at 48 kHz
        var vendor = Encoding.ASCII.GetBytes("StreamPlatform");
        byte[] tags = [.. "OpusTags"u8, (byte)vendor.Length, 0, 0, 0, .. vendor, 0, 0, 0, 0];
        return [.. Page(First, 0, [(byte)head.Length], head), .. Page(0, 0, [(byte)tags.Length], tags)];
    }

    /// <summary>Takes a packet; returns the page before it when that is full, else nothing.</summary>
    /// <param name="samples">Duration at 16 kHz.</param>
    public byte[] Add(ReadOnlySpan<byte> packet, int samples)
    {
        var segments = (packet.Length / 255) + 1;
        var full = lacing.Count + segments > MaxSegments ? Flush(last: false) : [];
        for (var rest = packet.Length; ; rest -= 255)
        {
            lacing.Add((byte)Math.Min(rest, 255));
            if (rest < 255)
            {
                break;
            }
        }

        body.AddRange(packet);
        granule += samples * 3;
        return full;
    }

    /// <summary>The last page, possibly without packets.</summary>
    public byte[] End() => Flush(last: true);

    private byte[] Flush(bool last)
    {
        var flushed = Page(last ? Last : (byte)0, granule, [.. lacing], [.. body]);
        lacing.Clear();
        body.Clear();
        return flushed;
    }

    private byte[] Page(byte flags, long position, byte[] segments, byte[] content)
    {
        var bytes = new byte[HeaderBytes + segments.Length + content.Length];
        "OggS"u8.CopyTo(bytes);
        bytes[5] = flags;
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(6), position);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(14), Serial);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(18), page++);
        bytes[26] = (byte)segments.Length;
        segments.CopyTo(bytes.AsSpan(HeaderBytes));
        content.CopyTo(bytes.AsSpan(HeaderBytes + segments.Length));
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(22), Crc(bytes));
        return bytes;
    }

    // Polynomial 0x04C11DB7, not reflected, beginning with 0, nothing inverted.
    private static uint Crc(ReadOnlySpan<byte> bytes)
    {
        uint crc = 0;
        foreach (var b in bytes)
        {
            crc = (crc << 8) ^ CrcTable[(crc >> 24) ^ b];
        }

        return crc;
    }

    private static uint Entry(int index)
    {
        var value = (uint)index << 24;
        for (var bit = 0; bit < 8; bit++)
        {
            value = (value & 0x8000_0000) != 0 ? (value << 1) ^ 0x04C1_1DB7 : value << 1;
        }

        return value;
    }
}
