namespace StreamPlatform.Inference.Faces;

/// <summary>How light and how sharp a face's crop is.</summary>
/// <param name="Luminance">Mean luminance, 0 (black) to 1.</param>
/// <param name="Sharpness">
/// Variance of the Laplacian (Pech-Pacheco et al., "Diatom autofocusing in brightfield microscopy: a comparative study", ICPR 2000) divided by the
/// variance of the grey values, so that a dim picture is not taken for a blurred one. 0 for an even surface.
/// </param>
internal readonly record struct CropLight(float Luminance, float Sharpness)
{
    /// <summary>The detector's box is enlarged 1.4 times for the crop; only the face itself is measured, which also keeps what lies beyond the image out.</summary>
    private const double FaceShare = 1 / 1.4;

    /// <param name="crop">side x side x 3, each 0..1.</param>
    public static CropLight Of(ReadOnlySpan<float> crop, int side)
    {
        var margin = (int)(side * (1 - FaceShare) / 2);
        var length = side - (2 * margin);
        var grey = new float[length * length];
        for (var y = 0; y < length; y++)
        {
            for (var x = 0; x < length; x++)
            {
                var pixel = crop.Slice((((y + margin) * side) + x + margin) * 3, 3);
                grey[(y * length) + x] = (pixel[0] * 0.2989f) + (pixel[1] * 0.5870f) + (pixel[2] * 0.1140f);
            }
        }

        var (mean, variance) = Moments(grey);
        var laplacian = new float[(length - 2) * (length - 2)];
        for (var y = 1; y < length - 1; y++)
        {
            for (var x = 1; x < length - 1; x++)
            {
                var at = (y * length) + x;
                laplacian[((y - 1) * (length - 2)) + x - 1] = grey[at - 1] + grey[at + 1] + grey[at - length] + grey[at + length] - (4 * grey[at]);
            }
        }

        return new CropLight((float)mean, variance < 1e-6 ? 0 : (float)(Moments(laplacian).Variance / variance));
    }

    private static (double Mean, double Variance) Moments(ReadOnlySpan<float> values)
    {
        var (sum, squares) = (0.0, 0.0);
        foreach (var value in values)
        {
            sum += value;
            squares += (double)value * value;
        }

        var mean = sum / values.Length;
        return (mean, Math.Max(0, (squares / values.Length) - (mean * mean)));
    }
}
