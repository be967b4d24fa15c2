namespace StreamPlatform.Inference.Jpeg;

/// <summary>Bounds of JPEG decoding; headers are written by strangers.</summary>
public sealed class JpegDecoderOptions
{
    /// <summary>Largest width x height in a header. Default 16 Mpixel; 1,024 to 100 Mpixel. A progressive image needs up to 6 bytes for each while decoding.</summary>
    public int MaxSourcePixels { get; set; } = 16 * 1024 * 1024;

    /// <summary>
    /// The decoder scales down by 2, 4 or 8 as long as the longer side stays at least this many pixels. Default 640; 64 to 16,384.
    /// </summary>
    public int EnoughPixelsOnLongSide { get; set; } = 640;

    /// <exception cref="ArgumentOutOfRangeException">Names the key and its range.</exception>
    public void Validate()
    {
        if (MaxSourcePixels is < 1024 or > 100 * 1024 * 1024)
            throw new ArgumentOutOfRangeException(nameof(MaxSourcePixels), MaxSourcePixels, "MaxSourcePixels must be 1024 to 104857600");
        if (EnoughPixelsOnLongSide is < 64 or > 16384)
            throw new ArgumentOutOfRangeException(nameof(EnoughPixelsOnLongSide), EnoughPixelsOnLongSide, "EnoughPixelsOnLongSide must be 64 to 16384");
    }
}
