using StreamPlatform.Schemas.V1;

namespace StreamPlatform.Topology.Steps;

/// <summary>Arithmetic over the seven emotion classes.</summary>
public static class Emotions
{
    /// <summary>Class names in the order of the model.</summary>
    public static readonly IReadOnlyList<string> Names = ["angry", "disgust", "fear", "happy", "sad", "surprise", "neutral"];

    /// <summary>The seven probabilities in the order of <see cref="Names"/>.</summary>
    public static float[] ToArray(EmotionProbabilities p) => [p.Angry, p.Disgust, p.Fear, p.Happy, p.Sad, p.Surprise, p.Neutral];

    /// <summary>Sum by class.</summary>
    public static EmotionProbabilities Add(EmotionProbabilities? a, EmotionProbabilities b) => a is null ? b.Clone() : new()
    {
        Angry = a.Angry + b.Angry,
        Disgust = a.Disgust + b.Disgust,
        Fear = a.Fear + b.Fear,
        Happy = a.Happy + b.Happy,
        Sad = a.Sad + b.Sad,
        Surprise = a.Surprise + b.Surprise,
        Neutral = a.Neutral + b.Neutral,
    };

    /// <summary>The mean of probabilities that were added up: each frame's sum to 1, so that the sum over the classes is the number of frames. Null without any.</summary>
    public static EmotionProbabilities? Mean(EmotionProbabilities? sum) => sum is null ? null : Mean(sum, ToArray(sum).Sum());

    /// <summary>Every class divided by <paramref name="count"/>; null when there is nothing to divide.</summary>
    public static EmotionProbabilities? Mean(EmotionProbabilities? sum, float count) => sum is null || count == 0 ? null : new()
    {
        Angry = sum.Angry / count,
        Disgust = sum.Disgust / count,
        Fear = sum.Fear / count,
        Happy = sum.Happy / count,
        Sad = sum.Sad / count,
        Surprise = sum.Surprise / count,
        Neutral = sum.Neutral / count,
    };

    /// <summary>Name of the most probable class; empty without a face.</summary>
    public static string Dominant(EmotionProbabilities? p)
    {
        if (p is null)
        {
            return "";
        }

        var values = ToArray(p);
        return Names[Array.IndexOf(values, values.Max())];
    }
}
