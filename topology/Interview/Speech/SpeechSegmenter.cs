using System.Runtime.InteropServices;
using StreamPlatform.Streams;
using StreamPlatform.Topology.Ports;

namespace StreamPlatform.Topology.Speech;

/// <summary>Cuts the consecutive chunks of one spoken answer into segments at pauses. Pure: the same chunks give the same cuts, however they are split.</summary>
public sealed class SpeechSegmenter
{
    public const int SampleRateHz = 16_000;
    public const int SamplesPerMs = SampleRateHz / 1_000;

    /// <summary>Silence inside an answer that counts as a pause, milliseconds; shorter ones belong to articulation. Source: F. Goldman-Eisler, Psycholinguistics, 1968.</summary>
    public const int CountedPauseMs = 250;

    private readonly IVoiceActivityDetector detector;
    private readonly int frame;
    private readonly float threshold;
    private readonly float silenceThreshold;
    private readonly int minSpeech;
    private readonly long pause;
    private readonly long minSegment;
    private readonly long maxSegment;
    private readonly long leadingSilence;
    private readonly long interim;

    public SpeechSegmenter(IVoiceActivityDetector detector, SegmenterOptions options)
    {
        options.Validate();
        this.detector = detector;
        frame = detector.FrameSamples;
        threshold = options.SpeechThreshold;
        silenceThreshold = options.SilenceThreshold;
        minSpeech = options.MinSpeechMs * SamplesPerMs;
        pause = options.PauseMs * SamplesPerMs;
        minSegment = options.MinSegmentMs * SamplesPerMs;
        maxSegment = options.MaxSegmentMs * SamplesPerMs;
        leadingSilence = options.LeadingSilenceMs * SamplesPerMs;
        interim = options.InterimMs == 0 ? long.MaxValue : options.InterimMs * SamplesPerMs;
    }

    /// <summary>Takes the next chunk.</summary>
    /// <param name="pcm16">PCM16 little-endian mono, 16 kHz; may be empty.</param>
    /// <exception cref="PoisonException">An odd number of bytes.</exception>
    public SegmenterResult Feed(SegmenterState state, ReadOnlySpan<byte> pcm16)
    {
        if (pcm16.Length % 2 != 0)
        {
            throw new PoisonException($"PCM16 has two bytes per sample; this chunk has {pcm16.Length} bytes.");
        }
        ReadOnlySpan<short> fresh = MemoryMarshal.Cast<byte, short>(pcm16);
        short[] samples = [.. state.Rest, .. fresh];
        float[] memory = new float[detector.MemoryFloats];
        if (state.Memory.Count == memory.Length) // another detector's memory means nothing to this one
        {
            memory = [.. state.Memory];
        }
        List<SpeechSegment> closed = [];
        int position = 0;
        for (; samples.Length - position >= frame; position += frame)
        {
            float probability = detector.SpeechProbability(samples.AsSpan(position, frame), memory);
            state = Judge(state, probability, closed);
        }
        return new(state with { Rest = samples[position..], Memory = memory }, closed);
    }

    /// <summary>The answer has ended: closes what is left. The state returned is that of a new answer.</summary>
    public SegmenterResult Finish(SegmenterState state)
    {
        List<SpeechSegment> closed = [];
        if (state.Received > state.SegmentStart)
        {
            Close(state, state.Received, state.SpeechSamples, closed);
        }
        return new(SegmenterState.Start, closed);
    }

    /// <summary>The open segment as far as it has been received, when it has speech and is due to be heard before it closes; null otherwise.</summary>
    /// <param name="lastInterim">Samples received at the last time, of this segment or an earlier one; 0 = never.</param>
    public SpeechSegment? Interim(SegmenterState state, long lastInterim) =>
        state.SpeechSamples >= Math.Max(1, minSpeech) && state.Received - Math.Max(state.SegmentStart, lastInterim) >= interim
            ? new(state.Closed, state.SegmentStart, state.Received, state.SpeechSamples)
            : null;

    private SegmenterState Judge(SegmenterState state, float probability, List<SpeechSegment> closed)
    {
        bool wasSpeech = state.SilentRun == 0 && state.Judged > 0;
        bool speech = probability >= (wasSpeech ? silenceThreshold : threshold);
        if (speech && state.SpeechSamples == 0 && state.Judged - state.SegmentStart >= leadingSilence)
        {
            // Speech after a long silence: the silence becomes a segment of its own, half a pause is kept as run-up.
            state = Close(state, state.Judged - (pause / 2), 0, closed);
        }
        state = speech ? Hear(state) : state with { SilentRun = state.SilentRun + frame };
        state = RememberQuietest(state with { Judged = state.Judged + frame }, probability);
        long length = state.Judged - state.SegmentStart;
        if (state.SpeechSamples > 0 && state.SilentRun >= pause && length >= minSegment)
        {
            return Close(state, state.Judged - (pause / 2), state.SpeechSamples, closed);
        }
        return length < maxSegment ? state : CloseAtQuietest(state, closed);
    }

    // A frame of speech at the end of what was judged.
    private SegmenterState Hear(SegmenterState state)
    {
        bool paused = state.LastSpeech > 0 && state.SilentRun >= CountedPauseMs * SamplesPerMs;
        return state with
        {
            SpeechSamples = state.SpeechSamples + frame,
            SilentRun = 0,
            FirstSpeech = state.FirstSpeech < 0 ? state.Judged : state.FirstSpeech,
            LastSpeech = state.Judged + frame,
            Pauses = state.Pauses + (paused ? 1 : 0),
            LongestPause = paused ? Math.Max(state.LongestPause, state.SilentRun) : state.LongestPause,
        };
    }

    // "<=": of equally quiet frames the last one, which keeps the segment long.
    private SegmenterState RememberQuietest(SegmenterState state, float probability) =>
        state.Judged - state.SegmentStart >= maxSegment * 2 / 3 && probability <= state.QuietestProbability
            ? state with { QuietestAt = state.Judged, QuietestProbability = probability, SpeechAtQuietest = state.SpeechSamples }
            : state;

    private SegmenterState CloseAtQuietest(SegmenterState state, List<SpeechSegment> closed)
    {
        int speechAfter = state.SpeechSamples - state.SpeechAtQuietest;
        return Close(state, state.QuietestAt, state.SpeechAtQuietest, closed) with { SpeechSamples = speechAfter };
    }

    private SegmenterState Close(SegmenterState state, long end, int speechSamples, List<SpeechSegment> closed)
    {
        closed.Add(new(state.Closed, state.SegmentStart, end, speechSamples < minSpeech ? 0 : speechSamples));
        return state with
        {
            SegmentStart = end, Closed = state.Closed + 1, SpeechSamples = 0, QuietestAt = 0, QuietestProbability = 1f, SpeechAtQuietest = 0,
        };
    }
}
