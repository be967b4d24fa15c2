using StreamPlatform.Schemas.V1;

namespace StreamPlatform.Topology.Ports;

/// <summary>Lists and switches of an observation as the numbers that stores keep.</summary>
public static class EmotionRow
{
    private const int NoEmotion = 1;
    private const int NoFacePresence = 2;
    private const int NoBlink = 4;

    /// <summary>Bit n: <see cref="FrameQuality"/> n. Order and repetition are not kept.</summary>
    public static int QualityBits(EmotionObserved e)
    {
        var bits = 0;
        foreach (var quality in e.Quality)
        {
            bits |= (int)quality is > 0 and < 31 ? 1 << (int)quality : 0;
        }

        return bits;
    }

    /// <summary>What was denied: 1 emotion, 2 presence of faces, 4 blinks.</summary>
    public static int NotComputedBits(EmotionObserved e) => (e.NoEmotion ? NoEmotion : 0) | (e.NoFacePresence ? NoFacePresence : 0) | (e.NoBlink ? NoBlink : 0);

    /// <summary>Puts both back.</summary>
    public static EmotionObserved WithBits(this EmotionObserved e, int qualityBits, int notComputedBits)
    {
        for (var n = 1; n < 31; n++)
        {
            if ((qualityBits & (1 << n)) != 0)
            {
                e.Quality.Add((FrameQuality)n);
            }
        }

        e.NoEmotion = (notComputedBits & NoEmotion) != 0;
        e.NoFacePresence = (notComputedBits & NoFacePresence) != 0;
        e.NoBlink = (notComputedBits & NoBlink) != 0;
        return e;
    }
}
