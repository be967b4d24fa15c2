namespace StreamPlatform.Inference.Jpeg;

/// <summary>Cuts a part out of an image and scales it.</summary>
public static class ImageCropper
{
    /// <summary>
    /// The given part at width x height pixels, bilinear with pixel centers aligned. Edges are repeated beyond the image. Meant for scales near 1:
    /// shrinking to less than half skips pixels.
    /// </summary>
    public static RgbImage Crop(RgbImage source, double left, double top, double cropWidth, double cropHeight, int width, int height)
    {
        var result = new RgbImage(width, height);
        var input = source.Pixels;
        var output = result.Pixels;
        for (var y = 0; y < height; y++)
        {
            var (above, below, down) = Neighbours(top + ((y + 0.5) * cropHeight / height) - 0.5, source.Height);
            for (var x = 0; x < width; x++)
            {
                var (before, after, right) = Neighbours(left + ((x + 0.5) * cropWidth / width) - 0.5, source.Width);
                for (var channel = 0; channel < 3; channel++)
                {
                    float At(ReadOnlySpan<byte> pixels, int column, int row) => pixels[(((row * source.Width) + column) * 3) + channel];
                    var upper = At(input, before, above) + ((At(input, after, above) - At(input, before, above)) * right);
                    var lower = At(input, before, below) + ((At(input, after, below) - At(input, before, below)) * right);
                    output[(((y * width) + x) * 3) + channel] = (byte)MathF.Round(upper + ((lower - upper) * down));
                }
            }
        }

        return result;
    }

    private static (int Low, int High, float Fraction) Neighbours(double position, int length)
    {
        var clamped = Math.Clamp(position, 0, length - 1);
        var low = (int)clamped;
        return (low, Math.Min(low + 1, length - 1), (float)(clamped - low));
    }
}
