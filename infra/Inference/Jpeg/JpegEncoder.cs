using System.Runtime.InteropServices;

namespace StreamPlatform.Inference.Jpeg;

/// <summary>Encodes RGB as baseline JPEG with 4:2:0 chroma. Safe for concurrent use.</summary>
public static class JpegEncoder
{
    /// <param name="quality">1 (small) to 100 (fine).</param>
    /// <exception cref="InvalidOperationException">libturbojpeg is not installed or refused the image.</exception>
    public static unsafe byte[] Encode(RgbImage image, int quality = 85)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(quality, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(quality, 100);
        using var handle = TurboJpegHandle.ForCompression();
        byte* encoded = null;
        var length = new CULong(0);
        try
        {
            fixed (byte* source = image.Pixels)
            {
                var result = TurboJpegNative.Compress(
                    handle, source, image.Width, image.Width * 3, image.Height, TurboJpegNative.PixelFormatRgb, &encoded, &length,
                    TurboJpegNative.Subsampling420, quality, TurboJpegNative.AccurateDct);
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
