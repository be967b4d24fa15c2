using StreamPlatform.Schemas.V1;
using StreamPlatform.Topology.Ports;

namespace StreamPlatform.Topology.Steps;

/// <summary>What in a picture limits its result. The thresholds were measured on the eight faces of the demo: docs/emotion.md.</summary>
public static class FaceQuality
{
    /// <summary>
    /// Degrees aside from which a face counts as profile. The emotion model learned from FER-2013, whose faces are frontal after registration
    /// (Goodfellow et al., "Challenges in Representation Learning", ICONIP 2013); beyond about 30 degrees one eye and half the mouth are foreshortened.
    /// </summary>
    public const float ProfileDegrees = 30;

    /// <summary>
    /// Mean luminance of the face below which it is dark. Faces darkened to 0.13 to 0.18 lose their class in 5 of 8 cases, above 0.2 in 1 (which was
    /// undecided before); as they are, they measure 0.27 to 0.56.
    /// </summary>
    public const float DarkBelow = 0.2f;

    /// <summary>Sharpness of the face below which it is blurred: what the faces measure when their class begins to go. As they are: 0.027 to 0.13.</summary>
    public const float BlurredBelow = 0.006f;

    /// <summary>What limits the reading of this face.</summary>
    public static IEnumerable<FrameQuality> Of(FaceReading face)
    {
        if (Math.Abs(face.YawDegrees) > ProfileDegrees)
        {
            yield return FrameQuality.Profile;
        }

        if (face.Luminance < DarkBelow)
        {
            yield return FrameQuality.Dark;
        }

        if (face.Sharpness < BlurredBelow)
        {
            yield return FrameQuality.Blurred;
        }
    }
}
