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

    /// <summary>Mean luminance of the face below which it is dark: 40 of 255.</summary>
    public const float DarkBelow = 40f / 255f;

    /// <summary>Sharpness of the face below which it is blurred.</summary>
    public const float BlurredBelow = 0.01f;

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
