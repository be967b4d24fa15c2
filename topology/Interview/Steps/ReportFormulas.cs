using StreamPlatform.Schemas.V1;

namespace StreamPlatform.Topology.Steps;

/// <summary>How the report's numbers are made, each 0..100. In words and with examples, which a test evaluates: docs/report.md.</summary>
public static class ReportFormulas
{
    /// <summary>Composure: how much of the time the face looked at ease. Null without a face.</summary>
    public static float? Emotion(EmotionProbabilities? mean) => mean is null
        ? null
        : Math.Clamp(100 * (mean.Happy + (0.8f * mean.Neutral) + (0.6f * mean.Surprise) + (0.3f * mean.Sad) + (0.2f * mean.Fear)), 0, 100);

    /// <summary>Share of the frames that show a face. Null without frames.</summary>
    public static float? Face(int frames, int framesWithFace) => frames > 0 ? 100f * framesWithFace / frames : null;

    /// <summary>Share of the spoken answers that is speech, full from 60 %. Null without audio.</summary>
    public static float? Talk(long speechMs, long audioMs) => audioMs > 0 ? Math.Min(100, 100f * speechMs / audioMs / 0.6f) : null;

    /// <summary>
    /// Speaking rate: full from 110 to 180 words per minute, none below 50 and above 260, straight lines between. Null when the rate is unknown (0).
    /// English conversation lies around 150 (National Center for Voice and Speech); the width of the full range is ours, wide enough for slow and fast speakers.
    /// </summary>
    public static float? Pace(float wordsPerMinute) => wordsPerMinute <= 0 ? null : wordsPerMinute switch
    {
        < 110 => Math.Clamp(100 * (wordsPerMinute - 50) / 60, 0, 100),
        > 180 => Math.Clamp(100 * (260 - wordsPerMinute) / 80, 0, 100),
        _ => 100,
    };

    /// <summary>Presence: 40 % face, 40 % talk, 20 % pace; the weight of what is not known goes to the others in proportion. Null when nothing is known.</summary>
    public static float? Behaviour(float? face, float? talk, float? pace) => Weighted((0.4f, face), (0.4f, talk), (0.2f, pace));

    /// <summary>Half technical, 30 % communication, 10 % emotion, 10 % behaviour; the weight of a missing part goes to the others in proportion.</summary>
    public static float Overall(float technical, float communication, float? emotion, float? behaviour) =>
        Weighted((0.5f, technical), (0.3f, communication), (0.1f, emotion), (0.1f, behaviour)) ?? 0;

    private static float? Weighted(params ReadOnlySpan<(float Weight, float? Value)> parts)
    {
        var (sum, weights) = (0f, 0f);
        foreach (var (weight, value) in parts)
        {
            if (value is { } known)
            {
                sum += weight * known;
                weights += weight;
            }
        }

        return weights > 0 ? sum / weights : null;
    }
}
