using System.Runtime.InteropServices;

namespace StreamPlatform.Inference.Jpeg;

/// <summary>Encodes RGB as baseline JPEG with 4:2:0 chroma. Safe for concurrent use.</summary>
public static class JpegEncoder
{
    /// <param name="quality">1 (small) to 100 (fine).</param>
    /// <exception cref="InvalidOperationException">libturbojpeg is not installed or refused the image.</exception>
    public static byte[] Encode(RgbImage image, int quality = 85)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(quality, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(quality, 100);
        return Encode(image.Pixels, image.Width, image.Height, TurboJpegNative.PixelFormatRgb, TurboJpegNative.Subsampling420, quality, TurboJpegNative.AccurateDct);
    }

    /// <summary>As the other, with TurboJPEG's own constants; the tests make unusual images by it.</summary>
    /// <param name="pixels">Rows without padding.</param>
    internal static unsafe byte[] Encode(ReadOnlySpan<byte> pixels, int width, int height, int pixelFormat, int subsampling, int quality, int flags)
    {
        using var handle = TurboJpegHandle.ForCompression();
        byte* encoded = null;
        var length = new CULong(0);
        try
        {
            fixed (byte* source = pixels)
            {
                var pitch = pixels.Length / height;
                var result = TurboJpegNative.Compress(handle, source, width, pitch, height, pixelFormat, &encoded, &length, subsampling, quality, flags);
                if (result != 0)
                    throw new InvalidOperationException($"JPEG encoding failed: {handle.LastError()}");
            }

            return new ReadOnlySpan<byte>(encoded, checked((int)length.Value)).ToArray();
        }
        finally
        {
            if (encoded != null)
                TurboJpegNative.Free(encoded);
        }
    }
}
