namespace StreamPlatform.Inference.Demo;

/// <summary>Damages JPEGs as a broken link does: what a gateway checks (size, start marker) is intact, the picture is not.</summary>
public static class CorruptJpeg
{
    /// <summary>The JPEG with its headers whole and its compressed data cut short after a third, then ended as if complete.</summary>
    /// <exception cref="ArgumentException">The input has no scan, so it is no JPEG.</exception>
    public static byte[] From(ReadOnlySpan<byte> jpeg)
    {
        ReadOnlySpan<byte> startOfScan = [0xFF, 0xDA];
        ReadOnlySpan<byte> endOfImage = [0xFF, 0xD9];
        var scan = jpeg.IndexOf(startOfScan);
        if (scan < 0 || jpeg.Length - scan < 64)
            throw new ArgumentException("the input has no JPEG scan", nameof(jpeg));
        return [.. jpeg[..(scan + ((jpeg.Length - scan) / 3))], .. endOfImage];
    }
}
