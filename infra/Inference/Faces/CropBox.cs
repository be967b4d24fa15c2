namespace StreamPlatform.Inference.Faces;

/// <summary>A square part of an image in whole pixels; may reach beyond the image.</summary>
internal readonly record struct CropBox(int Left, int Top, int Right, int Bottom)
{
    /// <summary>Rounded as JavaScript's Math.round does, halves up, because the reference does; Math.Round would differ.</summary>
    public static CropBox Around(double centerX, double centerY, double half) =>
        new(Round(centerX - half), Round(centerY - half), Round(centerX + half), Round(centerY + half));

    private static int Round(double value) => (int)Math.Floor(value + 0.5);
}
