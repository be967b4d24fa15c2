using System.Buffers.Binary;

namespace StreamPlatform.Cli.Analyse;

/// <summary>Cuts a stream of JPEGs, one after the other, into images. Holds one image at a time.</summary>
/// <param name="source">Such as ffmpeg's image2pipe writes.</param>
/// <param name="maxBytes">Largest image.</param>
public sealed class JpegSplitter(Stream source, int maxBytes)
{
    private readonly byte[] buffer = new byte[maxBytes];
    private int length;

    /// <summary>The next image; null at the end of the stream.</summary>
    /// <exception cref="InvalidDataException">An image is larger than the bound, cut off, or none.</exception>
    public async ValueTask<byte[]?> NextAsync(CancellationToken ct)
    {
        while (true)
        {
            if (EndOfImage(buffer.AsSpan(0, length)) is { } end)
            {
                var image = buffer[..end];
                buffer.AsSpan(end, length - end).CopyTo(buffer);
                length -= end;
                return image;
            }

            if (length == buffer.Length)
            {
                throw new InvalidDataException($"an image is larger than {maxBytes} bytes");
            }

            var read = await source.ReadAsync(buffer.AsMemory(length), ct);
            if (read == 0)
            {
                return length == 0 ? null : throw new InvalidDataException("the last image is cut off");
            }

            length += read;
        }
    }

    /// <summary>Position behind the end-of-image marker; null when more bytes are needed (ITU T.81, annex B).</summary>
    private static int? EndOfImage(ReadOnlySpan<byte> data)
    {
        if (data.Length < 4)
        {
            return null;
        }

        if (data[0] != 0xFF || data[1] != 0xD8)
        {
            throw new InvalidDataException("the start of an image is not FF D8");
        }

        for (var at = 2; at + 4 <= data.Length + 2;)
        {
            if (at + 2 > data.Length)
            {
                return null;
            }

            var marker = data[at + 1];
            if (data[at] != 0xFF)
            {
                throw new InvalidDataException("an image has no marker where one belongs");
            }

            if (marker == 0xD9)
            {
                return at + 2;
            }

            if (at + 4 > data.Length)
            {
                return null;
            }

            at += 2 + BinaryPrimitives.ReadUInt16BigEndian(data[(at + 2)..]);
            if (marker == 0xDA && NextMarker(data, ref at) is false)
            {
                return null;
            }
        }

        return null;
    }

    // Within entropy-coded data FF is followed by 00 or a restart marker D0..D7.
    private static bool NextMarker(ReadOnlySpan<byte> data, ref int at)
    {
        while (at + 1 < data.Length)
        {
            var offset = data[at..].IndexOf((byte)0xFF);
            if (offset < 0 || at + offset + 1 >= data.Length)
            {
                return false;
            }

            at += offset;
            if (data[at + 1] is 0 or (>= 0xD0 and <= 0xD7))
            {
                at += 2;
                continue;
            }

            return true;
        }

        return false;
    }
}
