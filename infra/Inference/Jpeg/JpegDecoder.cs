using System.Runtime.InteropServices;
using StreamPlatform.Topology.Ports;

namespace StreamPlatform.Inference.Jpeg;

/// <summary>
/// Decodes JPEG to RGB, in full unless the options ask for less. Safe for concurrent use.
/// Anything damaged is refused, also what libjpeg only warns of: half an image must not be analysed as if it were whole.
/// </summary>
public sealed class JpegDecoder
{
    /// <summary>Progressive images need all their coefficients at once, so they are decoded one at a time in the process.</summary>
    private static readonly Lock OneBuffered = new();

    private readonly JpegDecoderOptions _options;

    public JpegDecoder(JpegDecoderOptions? options = null)
    {
        _options = options ?? new JpegDecoderOptions();
        _options.Validate();
    }

    /// <summary>Decodes one image. The caller disposes the result.</summary>
    /// <exception cref="UnreadableImageException">No JPEG, a damaged one, or one larger than the bounds.</exception>
    /// <exception cref="InvalidOperationException">libturbojpeg is not installed.</exception>
    public RgbImage Decode(ReadOnlySpan<byte> jpeg) => Decode(jpeg, Inspect(jpeg));

    /// <summary>What the image claims of itself, once that is within the bounds. Decodes nothing.</summary>
    /// <exception cref="UnreadableImageException">No JPEG, a damaged one, or one larger than the bounds.</exception>
    internal JpegHeader Inspect(ReadOnlySpan<byte> jpeg)
    {
        var header = JpegHeader.Read(jpeg);
        RequireWithinBounds(header);
        return header;
    }

    /// <summary>Bytes of the image that <see cref="Decode(ReadOnlySpan{byte}, JpegHeader)"/> makes.</summary>
    internal long DecodedBytes(JpegHeader header)
    {
        long divisor = Divisor(header);
        return (header.Width + divisor - 1) / divisor * ((header.Height + divisor - 1) / divisor) * 3;
    }

    /// <summary>Decodes an image that <see cref="Inspect"/> has let in.</summary>
    internal RgbImage Decode(ReadOnlySpan<byte> jpeg, JpegHeader header)
    {
        if (!header.IsBuffered)
            return Decompress(jpeg, header);
        lock (OneBuffered)
            return Decompress(jpeg, header);
    }

    private unsafe RgbImage Decompress(ReadOnlySpan<byte> jpeg, JpegHeader header)
    {
        using var handle = TurboJpegHandle.ForDecompression();
        fixed (byte* source = jpeg)
        {
            var length = new CULong((nuint)jpeg.Length);
            if (TurboJpegNative.DecompressHeader(handle, source, length, out var width, out var height, out _, out _) != 0)
                throw new UnreadableImageException($"damaged JPEG header: {handle.LastError()}");
            if ((width, height) != (header.Width, header.Height))
                throw new UnreadableImageException("damaged JPEG header: it has two sizes");

            var divisor = Divisor(header);
            var image = RgbImage.ScaledDown(width, height, divisor); // rounded up as TJSCALED in turbojpeg.h
            const int Flags = TurboJpegNative.StopOnWarning | TurboJpegNative.LimitScans | TurboJpegNative.AccurateDct;
            int result;
            fixed (byte* target = image.Pixels)
            {
                result = TurboJpegNative.Decompress(
                    handle, source, length, target, image.Width, image.Width * 3, image.Height, TurboJpegNative.PixelFormatRgb, Flags);
            }

            if (result == 0)
                return image;
            image.Dispose();
            throw new UnreadableImageException($"damaged JPEG: {handle.LastError()}");
        }
    }

    private void RequireWithinBounds(JpegHeader header)
    {
        var (width, height) = (header.Width, header.Height);
        if ((long)width * height > _options.MaxSourcePixels)
            throw new UnreadableImageException($"JPEG of {width} x {height} pixels exceeds MaxSourcePixels ({_options.MaxSourcePixels})");
        if (header.MetadataBytes > _options.MaxMetadataBytes)
            throw new UnreadableImageException($"JPEG with {header.MetadataBytes} bytes of metadata exceeds MaxMetadataBytes ({_options.MaxMetadataBytes})");
        if (header.Scans > _options.MaxScans)
            throw new UnreadableImageException($"JPEG of {header.Scans} scans exceeds MaxScans ({_options.MaxScans})");
        if (header.IsBuffered && header.CoefficientBytes > _options.MaxCoefficientBytes)
            throw new UnreadableImageException($"progressive JPEG of {header.CoefficientBytes} bytes of coefficients exceeds MaxCoefficientBytes ({_options.MaxCoefficientBytes})");
    }

    /// <summary>1, 2, 4 or 8: the scales that libjpeg-turbo does with vector instructions.</summary>
    private int Divisor(JpegHeader header)
    {
        var longSide = Math.Max(header.Width, header.Height);
        var mostPixels = header.IsBuffered ? Math.Min(_options.MaxProgressivePixels, _options.MaxDecodedPixels) : _options.MaxDecodedPixels;
        var divisor = 8;
        while (divisor > 1 && longSide / divisor < _options.EnoughPixelsOnLongSide)
            divisor /= 2;
        while (divisor < 8 && (long)header.Width * header.Height / (divisor * divisor) > mostPixels)
            divisor *= 2;
        return divisor;
    }
}
