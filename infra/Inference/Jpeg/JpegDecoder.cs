using System.Runtime.InteropServices;
using StreamPlatform.Topology.Ports;

namespace StreamPlatform.Inference.Jpeg;

/// <summary>
/// Decodes JPEG to RGB, scaled down inside the decoder when the image is larger than needed. Safe for concurrent use.
/// Anything damaged is refused, also what libjpeg only warns of: half an image must not be analysed as if it were whole.
/// </summary>
public sealed class JpegDecoder
{
    private readonly JpegDecoderOptions _options;

    public JpegDecoder(JpegDecoderOptions? options = null)
    {
        _options = options ?? new JpegDecoderOptions();
        _options.Validate();
    }

    /// <summary>Decodes one image. The caller disposes the result.</summary>
    /// <exception cref="UnreadableImageException">No JPEG, a damaged one, or one larger than the bounds.</exception>
    /// <exception cref="InvalidOperationException">libturbojpeg is not installed.</exception>
    public unsafe RgbImage Decode(ReadOnlySpan<byte> jpeg)
    {
        if (jpeg.Length < 4 || jpeg[0] != 0xFF || jpeg[1] != 0xD8)
            throw new UnreadableImageException("not a JPEG: the start-of-image marker FF D8 is missing");
        using var handle = TurboJpegHandle.ForDecompression();
        fixed (byte* source = jpeg)
        {
            var length = new CULong((nuint)jpeg.Length);
            if (TurboJpegNative.DecompressHeader(handle, source, length, out var width, out var height, out _, out _) != 0)
                throw new UnreadableImageException($"damaged JPEG header: {handle.LastError()}");
            RequireWithinBounds(width, height);

            var divisor = Divisor(width, height);
            var image = new RgbImage(DivideUp(width, divisor), DivideUp(height, divisor));
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

    private void RequireWithinBounds(int width, int height)
    {
        if (width < 1 || height < 1)
            throw new UnreadableImageException($"damaged JPEG header: {width} x {height} pixels");
        if ((long)width * height > _options.MaxSourcePixels)
            throw new UnreadableImageException($"JPEG of {width} x {height} pixels exceeds MaxSourcePixels ({_options.MaxSourcePixels})");
    }

    /// <summary>1, 2, 4 or 8: the scales that libjpeg-turbo does with vector instructions.</summary>
    private int Divisor(int width, int height)
    {
        var longSide = Math.Max(width, height);
        var divisor = 8;
        while (divisor > 1 && longSide / divisor < _options.EnoughPixelsOnLongSide)
            divisor /= 2;
        return divisor;
    }

    /// <summary>As TJSCALED in turbojpeg.h.</summary>
    private static int DivideUp(int size, int divisor) => (size + divisor - 1) / divisor;
}
