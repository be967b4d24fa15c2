namespace StreamPlatform.Inference.Faces;

/// <summary>
/// Eye openness from six landmarks per eye: (|p2-p6| + |p3-p5|) / (2 |p1-p4|), p1 and p4 the corners, p2 p3 above, p6 p5 below.
/// Soukupova and Cech, "Real-Time Eye Blink Detection using Facial Landmarks", Computer Vision Winter Workshop 2016, equation 1.
/// </summary>
internal static class EyeAspectRatio
{
    /// <summary>Below it the eyes count as closed: the threshold of the paper's figure 6; open eyes are around 0.3.</summary>
    public const float ClosedBelow = 0.2f;

    /// <summary>Landmarks p1 to p6 in MediaPipe's face mesh of 468 points.</summary>
    private static readonly int[] RightEye = [33, 160, 158, 133, 153, 144];

    private static readonly int[] LeftEye = [362, 385, 387, 263, 373, 380];

    /// <summary>Mean of both eyes.</summary>
    /// <param name="mesh">468 x (x, y, z) in pixels of a square crop.</param>
    public static float Mean(ReadOnlySpan<float> mesh) => (Of(mesh, RightEye) + Of(mesh, LeftEye)) / 2;

    private static float Of(ReadOnlySpan<float> mesh, int[] eye)
    {
        var width = Distance(mesh, eye[0], eye[3]);
        return width > 0 ? (Distance(mesh, eye[1], eye[5]) + Distance(mesh, eye[2], eye[4])) / (2 * width) : 0;
    }

    private static float Distance(ReadOnlySpan<float> mesh, int a, int b)
    {
        var (x, y) = (mesh[3 * a] - mesh[3 * b], mesh[(3 * a) + 1] - mesh[(3 * b) + 1]);
        return MathF.Sqrt((x * x) + (y * y));
    }
}
