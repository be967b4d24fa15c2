using StreamPlatform.Schemas.V1;

namespace StreamPlatform.Topology.Steps;

/// <summary>How the report's numbers are made, each 0..100. In words: docs/report.md.</summary>
public static class ReportFormulas
{
    /// <summary>Composure: how much of the time the face looked at ease. Null without a face.</summary>
    public static float? Emotion(EmotionProbabilities? mean) => mean is null
        ? null
        : Math.Clamp(100 * (mean.Happy + (0.8f * mean.Neutral) + (0.6f * mean.Surprise) + (0.3f * mean.Sad) + (0.2f * mean.Fear)), 0, 100);

    /// <summary>Presence: mean of the share of frames with a face and of the share of spoken answers that is speech (full from 60 %). Null when neither is known.</summary>
    public static float? Behaviour(int frames, int framesWithFace, long speechMs, long audioMs)
    {
        float? face = frames > 0 ? 100f * framesWithFace / frames : null;
        float? talk = audioMs > 0 ? Math.Min(100, 100f * speechMs / audioMs / 0.6f) : null;
        return (face, talk) switch
        {
            ({ } f, { } t) => (f + t) / 2,
            ({ } f, null) => f,
            (null, { } t) => t,
            _ => null,
        };
    }

    /// <summary>Half technical, 30 % communication, 10 % emotion, 10 % behaviour; the weight of a missing part goes to the others in proportion.</summary>
    public static float Overall(float technical, float communication, float? emotion, float? behaviour)
    {
        var sum = (0.5f * technical) + (0.3f * communication) + (0.1f * (emotion ?? 0)) + (0.1f * (behaviour ?? 0));
        var weight = 0.8f + (emotion is null ? 0 : 0.1f) + (behaviour is null ? 0 : 0.1f);
        return sum / weight;
    }
}
