using System.Buffers;

namespace StreamPlatform.Inference.Jpeg;

/// <summary>An image of interleaved 8-bit RGB, row by row without padding, in a pooled buffer that goes back on Dispose.</summary>
public sealed class RgbImage : IDisposable
{
    private byte[]? _pixels;

    /// <param name="width">Pixels, at least 1.</param>
    /// <param name="height">Pixels, at least 1.</param>
    public RgbImage(int width, int height)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);
        (Width, Height, SourceWidth, SourceHeight, Divisor) = (width, height, width, height, 1);
        _pixels = ArrayPool<byte>.Shared.Rent(checked(width * height * 3));
    }

    /// <summary>An image that is scaled down by a whole number while it is decoded; a part of a pixel at its edges counts as one.</summary>
    internal static RgbImage ScaledDown(int sourceWidth, int sourceHeight, int divisor) =>
        new((sourceWidth + divisor - 1) / divisor, (sourceHeight + divisor - 1) / divisor) { SourceWidth = sourceWidth, SourceHeight = sourceHeight, Divisor = divisor };

    public int Width { get; }

    public int Height { get; }

    /// <summary>Pixels before it was scaled down.</summary>
    public int SourceWidth { get; private init; }

    /// <summary>Pixels before it was scaled down.</summary>
    public int SourceHeight { get; private init; }

    /// <summary>How many pixels of the source, in each direction, one pixel is the mean of.</summary>
    public int Divisor { get; private init; }

    /// <summary>Width x Height x 3 bytes. Contents are undefined until written.</summary>
    public Span<byte> Pixels => (_pixels ?? throw new ObjectDisposedException(nameof(RgbImage))).AsSpan(0, Width * Height * 3);

    public static RgbImage FromPixels(int width, int height, ReadOnlySpan<byte> pixels)
    {
        if (pixels.Length != width * height * 3)
            throw new ArgumentException($"{width} x {height} pixels need {width * height * 3} bytes, got {pixels.Length}", nameof(pixels));
        var image = new RgbImage(width, height);
        pixels.CopyTo(image.Pixels);
        return image;
    }

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _pixels, null) is { } pixels)
            ArrayPool<byte>.Shared.Return(pixels);
    }
}
