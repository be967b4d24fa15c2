using StreamPlatform.Schemas.V1;

namespace StreamPlatform.Inference.Faces;

/// <summary>A face as the detector frames it.</summary>
/// <param name="Left">In detector pixels, as are the other edges: 0..256 across the whole image in both directions.</param>
/// <param name="Score">0..1.</param>
internal readonly record struct DetectedFace(float Left, float Top, float Right, float Bottom, float Score)
{
    /// <summary>The reference enlarges the detector's box so that facemesh sees the whole head.</summary>
    private const double Enlargement = 1.4;

    public float Area => (Right - Left) * (Bottom - Top);

    /// <summary>The square around the enlarged face, in pixels of the image.</summary>
    public CropBox Crop(int imageWidth, int imageHeight)
    {
        var (scaleX, scaleY) = ((double)imageWidth / BlazefaceDecoder.InputSize, (double)imageHeight / BlazefaceDecoder.InputSize);
        var (width, height) = ((Right - Left) * scaleX, (Bottom - Top) * scaleY);
        var (centerX, centerY) = ((Left * scaleX) + (width / 2), (Top * scaleY) + (height / 2));
        var half = Enlargement * Math.Max(width, height) / 2;
        return CropBox.Around(centerX, centerY, half);
    }

    /// <summary>As fractions of the image, cut at its edges.</summary>
    public FaceBox ToFaceBox()
    {
        var (left, top) = (Fraction(Left), Fraction(Top));
        return new FaceBox { Left = left, Top = top, Width = Fraction(Right) - left, Height = Fraction(Bottom) - top, Confidence = Score };
    }

    private static float Fraction(float edge) => Math.Clamp(edge / BlazefaceDecoder.InputSize, 0, 1);
}
