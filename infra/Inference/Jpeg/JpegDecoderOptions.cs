namespace StreamPlatform.Inference.Jpeg;

/// <summary>Bounds of JPEG decoding; headers are written by strangers.</summary>
public sealed class JpegDecoderOptions
{
    /// <summary>Largest width x height in a header. Default 16 Mpixel; 1,024 to 100 Mpixel.</summary>
    public int MaxSourcePixels { get; set; } = 16 * 1024 * 1024;

    /// <summary>Application and comment segments together, bytes. Default 128 KiB (EXIF with a thumbnail and a colour profile are less); 0 to 16 MiB.</summary>
    public int MaxMetadataBytes { get; set; } = 128 * 1024;

    /// <summary>Scans of a progressive image. Default 32 (encoders make 10); 1 to 500. Each costs a pass over the whole image, whatever it holds.</summary>
    public int MaxScans { get; set; } = 32;

    /// <summary>
    /// Coefficients held while a progressive image is decoded, bytes. Default 32 MiB: 11 Mpixel with 4:2:0 chroma, 5 Mpixel with 4:4:4; 64 KiB to 1 GiB.
    /// One such image is decoded at a time.
    /// </summary>
    public long MaxCoefficientBytes { get; set; } = 32 * 1024 * 1024;

    /// <summary>
    /// The decoder scales down by 2, 4 or 8 as long as the longer side stays at least this many pixels. Default 16,384: never; 64 to 16,384. Whoever lowers
    /// it saves up to 3 ms a frame, and probabilities move by up to 0.07 where halving leaves 1,280 pixels, by up to 0.37 where it leaves 640 (docs/emotion.md).
    /// </summary>
    public int EnoughPixelsOnLongSide { get; set; } = 16384;

    /// <summary>A decoded image of more pixels is scaled down further, whatever its sides. Default 16 Mpixel, 48 MB; 64 Kpixel to 100 Mpixel.</summary>
    public int MaxDecodedPixels { get; set; } = 16 * 1024 * 1024;

    /// <summary>The same for progressive images, whose coefficients lie in memory beside their pixels. Default 9 Mpixel, 27 MB (3840 x 2160 are less); 64 Kpixel to 100 Mpixel.</summary>
    public int MaxProgressivePixels { get; set; } = 9 * 1024 * 1024;

    /// <exception cref="ArgumentOutOfRangeException">Names the key and its range.</exception>
    public void Validate()
    {
        if (MaxSourcePixels is < 1024 or > 100 * 1024 * 1024)
            throw new ArgumentOutOfRangeException(nameof(MaxSourcePixels), MaxSourcePixels, "MaxSourcePixels must be 1024 to 104857600");
        if (MaxMetadataBytes is < 0 or > 16 * 1024 * 1024)
            throw new ArgumentOutOfRangeException(nameof(MaxMetadataBytes), MaxMetadataBytes, "MaxMetadataBytes must be 0 to 16777216");
        if (MaxScans is < 1 or > 500)
            throw new ArgumentOutOfRangeException(nameof(MaxScans), MaxScans, "MaxScans must be 1 to 500");
        if (MaxCoefficientBytes is < 64 * 1024 or > 1024 * 1024 * 1024)
            throw new ArgumentOutOfRangeException(nameof(MaxCoefficientBytes), MaxCoefficientBytes, "MaxCoefficientBytes must be 65536 to 1073741824");
        if (EnoughPixelsOnLongSide is < 64 or > 16384)
            throw new ArgumentOutOfRangeException(nameof(EnoughPixelsOnLongSide), EnoughPixelsOnLongSide, "EnoughPixelsOnLongSide must be 64 to 16384");
        if (MaxDecodedPixels is < 64 * 1024 or > 100 * 1024 * 1024)
            throw new ArgumentOutOfRangeException(nameof(MaxDecodedPixels), MaxDecodedPixels, "MaxDecodedPixels must be 65536 to 104857600");
        if (MaxProgressivePixels is < 64 * 1024 or > 100 * 1024 * 1024)
            throw new ArgumentOutOfRangeException(nameof(MaxProgressivePixels), MaxProgressivePixels, "MaxProgressivePixels must be 65536 to 104857600");
    }
}
