namespace StreamPlatform.Inference.Faces;

/// <summary>
/// Eye openness from six landmarks per eye: (|p2-p6| + |p3-p5|) / (2 |p1-p4|), p1 and p4 the corners, p2 p3 above, p6 p5 below.
/// Soukupova and Cech, "Real-Time Eye Blink Detection using Facial Landmarks", Computer Vision Winter Workshop 2016, equation 1.
/// </summary>
internal static class EyeAspectRatio
{
    /// <summary>Below it the eyes count as closed: the threshold of the paper's figure 6. Open eyes are around 0.3.</summary>
    public const float ClosedBelow = 0.2f;

    /// <summary>p1 to p6 among the 71 contour points of MediaPipe's iris model; the same for both eyes, as one of them is mirrored.</summary>
    private static readonly int[] Points = [0, 11, 13, 8, 5, 3];

    /// <param name="landmarks">The iris model's output for one eye: 76 x (x, y, z) in pixels of a square crop.</param>
    public static float Of(ReadOnlySpan<float> landmarks)
    {
        var width = Distance(landmarks, Points[0], Points[3]);
        if (width <= 0)
            return 0;
        return (Distance(landmarks, Points[1], Points[5]) + Distance(landmarks, Points[2], Points[4])) / (2 * width);
    }

    private static float Distance(ReadOnlySpan<float> landmarks, int a, int b)
    {
        var (x, y) = (landmarks[3 * a] - landmarks[3 * b], landmarks[(3 * a) + 1] - landmarks[(3 * b) + 1]);
        return MathF.Sqrt((x * x) + (y * y));
    }
}
