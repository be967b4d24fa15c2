using System.Buffers.Binary;
using StreamPlatform.Topology.Ports;

namespace StreamPlatform.Inference.Jpeg;

/// <summary>
/// What a JPEG claims of itself, read before any decoder allocates for it (ITU-T T.81, annex B). Metadata is skipped by its length and never looked into:
/// a thumbnail inside EXIF cannot be taken for the image.
/// </summary>
/// <param name="Width">Pixels.</param>
/// <param name="Height">Pixels.</param>
/// <param name="MetadataBytes">In application and comment segments.</param>
/// <param name="Scans">Passes over the image: 1 for a baseline image of a camera.</param>
/// <param name="IsBuffered">A decoder must hold every coefficient at once: progressive, or components in scans of their own.</param>
/// <param name="CoefficientBytes">All coefficients: 128 bytes for each block of 8 x 8.</param>
internal readonly record struct JpegHeader(int Width, int Height, int MetadataBytes, int Scans, bool IsBuffered, long CoefficientBytes)
{
    /// <summary>Of the frame's bytes before and between scans: a camera's image has about ten.</summary>
    private const int MaxSegments = 512;

    /// <exception cref="UnreadableImageException">No JPEG, a damaged one, or of a kind that no camera of a browser makes.</exception>
    public static JpegHeader Read(ReadOnlySpan<byte> jpeg)
    {
        if (jpeg.Length < 4 || jpeg[0] != 0xFF || jpeg[1] != Marker.StartOfImage)
            throw new UnreadableImageException("not a JPEG: the start-of-image marker FF D8 is missing");
        var header = default(JpegHeader);
        var components = 0;
        var at = 2;
        for (var segments = 0; segments < MaxSegments; segments++)
        {
            var marker = NextMarker(jpeg, ref at);
            if (marker == Marker.EndOfImage)
                return header.Scans > 0 ? header : throw new UnreadableImageException("damaged JPEG: no scan");
            var body = Body(jpeg, at);
            at += body.Length + 2;
            if (Marker.IsFrame(marker))
                (header, components) = header.Width > 0 ? throw new UnreadableImageException("damaged JPEG header: two frames") : (Frame(marker, body), body[5]);
            else if (Marker.IsMetadata(marker))
                header = header with { MetadataBytes = header.MetadataBytes + body.Length };
            else if (marker == Marker.StartOfScan)
            {
                if (header.Width == 0)
                    throw new UnreadableImageException("damaged JPEG header: a scan before the frame");
                header = header with { Scans = header.Scans + 1, IsBuffered = header.IsBuffered || header.Scans > 0 || (body.Length > 0 && body[0] < components) };
                at = EndOfScan(jpeg, at);
            }
        }

        throw new UnreadableImageException($"JPEG of more than {MaxSegments} segments");
    }

    private static JpegHeader Frame(byte marker, ReadOnlySpan<byte> body)
    {
        if (marker is not (Marker.Baseline or Marker.Extended or Marker.Progressive))
            throw new UnreadableImageException($"JPEG of kind SOF{marker - Marker.Baseline} (lossless, hierarchical or arithmetic) is not supported");
        if (body.Length < 6)
            throw new UnreadableImageException("damaged JPEG header: the frame is cut short");
        var (precision, components) = (body[0], body[5]);
        int height = BinaryPrimitives.ReadUInt16BigEndian(body[1..]);
        int width = BinaryPrimitives.ReadUInt16BigEndian(body[3..]);
        if (precision != 8)
            throw new UnreadableImageException($"JPEG of {precision} bits per sample is not supported");
        if (width < 1 || height < 1)
            throw new UnreadableImageException($"damaged JPEG header: {width} x {height} pixels");
        if (components is not (1 or 3))
            throw new UnreadableImageException($"JPEG of {components} components (CMYK) is not supported");
        if (body.Length != 6 + (3 * components))
            throw new UnreadableImageException("damaged JPEG header: the frame's length does not fit its components");
        return new JpegHeader(width, height, 0, 0, marker == Marker.Progressive, Coefficients(width, height, body[6..]));
    }

    private static long Coefficients(int width, int height, ReadOnlySpan<byte> components)
    {
        var (maxHorizontal, maxVertical) = (1, 1);
        for (var i = 0; i < components.Length; i += 3)
        {
            var (horizontal, vertical) = (components[i + 1] >> 4, components[i + 1] & 15);
            if (horizontal is < 1 or > 4 || vertical is < 1 or > 4)
                throw new UnreadableImageException($"damaged JPEG header: sampling factors {horizontal} x {vertical}");
            (maxHorizontal, maxVertical) = (Math.Max(maxHorizontal, horizontal), Math.Max(maxVertical, vertical));
        }

        // Components are padded to whole units of maxHorizontal x maxVertical blocks.
        long units = (long)DivideUp(width, 8 * maxHorizontal) * DivideUp(height, 8 * maxVertical);
        long bytes = 0;
        for (var i = 0; i < components.Length; i += 3)
            bytes += units * (components[i + 1] >> 4) * (components[i + 1] & 15) * 128;
        return bytes;
    }

    private static int DivideUp(int size, int divisor) => (size + divisor - 1) / divisor;

    /// <summary>The marker at <paramref name="at"/>, behind any fill bytes.</summary>
    private static byte NextMarker(ReadOnlySpan<byte> jpeg, ref int at)
    {
        if (at >= jpeg.Length || jpeg[at] != 0xFF)
            throw new UnreadableImageException("damaged JPEG: a marker is missing");
        var fill = jpeg[at..].IndexOfAnyExcept((byte)0xFF);
        if (fill < 0)
            throw new UnreadableImageException("damaged JPEG: it ends in a marker");
        at += fill + 1;
        return jpeg[at - 1];
    }

    /// <summary>The segment's content behind its length.</summary>
    private static ReadOnlySpan<byte> Body(ReadOnlySpan<byte> jpeg, int at)
    {
        if (at + 2 > jpeg.Length)
            throw new UnreadableImageException("damaged JPEG: a segment is cut short");
        int length = BinaryPrimitives.ReadUInt16BigEndian(jpeg[at..]);
        if (length < 2 || at + length > jpeg.Length)
            throw new UnreadableImageException("damaged JPEG: a segment is longer than the rest of the image");
        return jpeg.Slice(at + 2, length - 2);
    }

    /// <summary>Where the entropy-coded data ends: at the next marker that is neither a stuffed zero nor a restart.</summary>
    private static int EndOfScan(ReadOnlySpan<byte> jpeg, int at)
    {
        while (at < jpeg.Length)
        {
            var next = jpeg[at..].IndexOf((byte)0xFF);
            if (next < 0 || at + next + 1 >= jpeg.Length)
                break;
            at += next;
            if (jpeg[at + 1] is not (0 or (>= 0xD0 and <= 0xD7) or 0xFF))
                return at;
            at += jpeg[at + 1] == 0xFF ? 1 : 2;
        }

        throw new UnreadableImageException("damaged JPEG: the scan has no end");
    }

    /// <summary>Second bytes of markers.</summary>
    private static class Marker
    {
        public const byte Baseline = 0xC0;
        public const byte Extended = 0xC1;
        public const byte Progressive = 0xC2;
        public const byte StartOfImage = 0xD8;
        public const byte EndOfImage = 0xD9;
        public const byte StartOfScan = 0xDA;

        public static bool IsFrame(byte marker) => marker is >= 0xC0 and <= 0xCF and not (0xC4 or 0xC8 or 0xCC);

        public static bool IsMetadata(byte marker) => marker is (>= 0xE0 and <= 0xEF) or 0xFE;
    }
}
