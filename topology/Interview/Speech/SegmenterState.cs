namespace StreamPlatform.Topology.Speech;

/// <summary>Where the segmenter stands inside one answer. At most 4 KiB, so that it can be keyed state; the samples themselves are kept elsewhere.</summary>
/// <remarks>Positions are samples from the answer's first one.</remarks>
public sealed record SegmenterState
{
    /// <summary>Before the first chunk.</summary>
    public static SegmenterState Start { get; } = new();

    /// <summary>Samples judged so far: whole frames.</summary>
    public long Judged { get; init; }

    /// <summary>First sample of the segment in progress.</summary>
    public long SegmentStart { get; init; }

    /// <summary>Segments closed so far.</summary>
    public int Closed { get; init; }

    /// <summary>Speech inside the segment in progress, in samples.</summary>
    public int SpeechSamples { get; init; }

    /// <summary>Silence at the end of what was judged, in samples; may reach back before the segment's start.</summary>
    public long SilentRun { get; init; }

    /// <summary>Where to cut if no pause comes: the end of the quietest frame in the segment's last third; 0 = none yet.</summary>
    public long QuietestAt { get; init; }

    /// <summary>Speech probability of that frame.</summary>
    public float QuietestProbability { get; init; } = 1f;

    /// <summary>Speech of the segment up to <see cref="QuietestAt"/>, in samples.</summary>
    public int SpeechAtQuietest { get; init; }

    /// <summary>First sample of the answer's first speech; -1 = none yet.</summary>
    public long FirstSpeech { get; init; } = -1;

    /// <summary>Past the last sample of speech; 0 = none yet.</summary>
    public long LastSpeech { get; init; }

    /// <summary>Pauses between speech so far.</summary>
    public int Pauses { get; init; }

    /// <summary>Longest of them, in samples.</summary>
    public long LongestPause { get; init; }

    /// <summary>What the detector carries from frame to frame; empty = nothing, or the start of a stream.</summary>
    public IReadOnlyList<float> Memory { get; init; } = [];

    /// <summary>Samples received after the last whole frame: fewer than one frame.</summary>
    public IReadOnlyList<short> Rest { get; init; } = [];

    /// <summary>Samples received so far.</summary>
    public long Received => Judged + Rest.Count;

    /// <summary>Where speech began, ended and paused so far.</summary>
    public SpeechShape Shape => FirstSpeech < 0
        ? SpeechShape.Silent
        : new(FirstSpeech / SpeechSegmenter.SamplesPerMs, LastSpeech / SpeechSegmenter.SamplesPerMs, Pauses, LongestPause / SpeechSegmenter.SamplesPerMs);

    /// <summary>For a changelog.</summary>
    public byte[] ToBytes() => SegmenterStateFormat.Write(this);

    /// <exception cref="FormatException">Not written by <see cref="ToBytes"/>.</exception>
    public static SegmenterState FromBytes(ReadOnlySpan<byte> from) => SegmenterStateFormat.Read(from);
}
