namespace StreamPlatform.Topology.Speech;

/// <summary>Where speech is cut into segments.</summary>
public sealed class SegmenterOptions
{
    /// <summary>Silence, in milliseconds, that ends a segment. 120..5,000.</summary>
    public int PauseMs { get; set; } = 420;

    /// <summary>Least length of a segment that a pause may end, in milliseconds; the answer's end closes a shorter one. 0..10,000.</summary>
    public int MinSegmentMs { get; set; } = 1_000;

    /// <summary>Greatest length of a segment in milliseconds; without a pause the cut falls on the quietest frame of its last third. 1,000..30,000.</summary>
    public int MaxSegmentMs { get; set; } = 15_000;

    /// <summary>Silence before the first word, in milliseconds, that is cut off as a segment without speech. 500..15,000.</summary>
    public int LeadingSilenceMs { get; set; } = 1_500;

    /// <summary>A frame with at least this probability is speech. 0..1.</summary>
    public float SpeechThreshold { get; set; } = 0.5f;

    /// <summary>Below this probability speech ends; a frame between the two thresholds is what the frame before it was. 0..1. Source: silero-vad, neg_threshold = threshold - 0.15.</summary>
    public float SilenceThreshold { get; set; } = 0.35f;

    /// <summary>Least speech of a segment, in milliseconds, below which it is a click or a breath and nothing is recognised. 0..1,000.</summary>
    public int MinSpeechMs { get; set; } = 100;

    /// <summary>While a segment is open, how often it is heard for the eye (an interim transcript), in milliseconds of audio; 0 = never. 0 or 1,000..30,000.</summary>
    public int InterimMs { get; set; } = 3_000;

    /// <summary>Throws when a value is out of its range or contradicts another; the message names the key.</summary>
    public void Validate()
    {
        Check(nameof(PauseMs), PauseMs, 120, 5_000);
        Check(nameof(MinSegmentMs), MinSegmentMs, 0, 10_000);
        Check(nameof(MaxSegmentMs), MaxSegmentMs, 1_000, 30_000);
        Check(nameof(LeadingSilenceMs), LeadingSilenceMs, 500, 15_000);
        Check(nameof(MinSpeechMs), MinSpeechMs, 0, 1_000);
        Check(nameof(InterimMs), InterimMs == 0 ? 1_000 : InterimMs, 1_000, 30_000);
        if (SilenceThreshold is not >= 0 || SilenceThreshold > SpeechThreshold)
        {
            throw new ArgumentOutOfRangeException(nameof(SilenceThreshold), SilenceThreshold, "Segmenter:SilenceThreshold must be 0..SpeechThreshold.");
        }
        if (SpeechThreshold is not (>= 0 and <= 1))
        {
            throw new ArgumentOutOfRangeException(nameof(SpeechThreshold), SpeechThreshold, "Segmenter:SpeechThreshold must be 0..1.");
        }
        if (MinSegmentMs + PauseMs > MaxSegmentMs)
        {
            throw new ArgumentException("Segmenter:MinSegmentMs and PauseMs together must not exceed Segmenter:MaxSegmentMs.");
        }
    }

    private static void Check(string key, int value, int least, int most)
    {
        if (value < least || value > most)
        {
            throw new ArgumentOutOfRangeException(key, value, $"Segmenter:{key} must be {least}..{most}.");
        }
    }
}
