namespace StreamPlatform.Inference.Faces;

/// <summary>Where the head points, from the face mesh.</summary>
internal static class HeadPose
{
    /// <summary>Points of the mesh where the cheeks meet the ears, at the image's left and right of an upright face.</summary>
    private const int LeftCheek = 234;

    private const int RightCheek = 454;

    /// <summary>
    /// The angle of the line from cheek to cheek out of the image plane, degrees: 0 = towards the camera, positive = the nose points to the image's
    /// right. The axis that src/face/angles.ts of npm @vladmandic/human 3.3.6 builds its rotation from. Facemesh's z (relative depth, in pixels of the
    /// crop, smaller is nearer; Kartynnik et al., "Real-time Facial Surface Geometry from Monocular Video on Mobile GPUs", 2019) is estimated, not measured: take it as good to about ten degrees.
    /// </summary>
    /// <param name="mesh">468 x (x, y, z) in pixels of a square crop.</param>
    public static float YawDegrees(ReadOnlySpan<float> mesh)
    {
        var x = mesh[3 * RightCheek] - mesh[3 * LeftCheek];
        var y = mesh[(3 * RightCheek) + 1] - mesh[(3 * LeftCheek) + 1];
        var z = mesh[(3 * RightCheek) + 2] - mesh[(3 * LeftCheek) + 2];
        return MathF.Atan2(z, MathF.Sqrt((x * x) + (y * y))) * 180 / MathF.PI;
    }
}
