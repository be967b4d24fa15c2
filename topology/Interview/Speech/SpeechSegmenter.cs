using System.Runtime.InteropServices;
using StreamPlatform.Streams;
using StreamPlatform.Topology.Ports;

namespace StreamPlatform.Topology.Speech;

/// <summary>Cuts the consecutive chunks of one spoken answer into segments at pauses. Pure: the same chunks give the same cuts, however they are split.</summary>
public sealed class SpeechSegmenter
{
    public const int SampleRateHz = 16_000;
    public const int SamplesPerMs = SampleRateHz / 1_000;

    /// <summary>Samples of one judged frame: 30 ms.</summary>
    public const int FrameSamples = 480;

    private readonly IVoiceActivityDetector detector;
    private readonly float threshold;
    private readonly long pause;
    private readonly long minSegment;
    private readonly long maxSegment;
    private readonly long leadingSilence;

    public SpeechSegmenter(IVoiceActivityDetector detector, SegmenterOptions options)
    {
        options.Validate();
        this.detector = detector;
        threshold = options.SpeechThreshold;
        pause = options.PauseMs * SamplesPerMs;
        minSegment = options.MinSegmentMs * SamplesPerMs;
        maxSegment = options.MaxSegmentMs * SamplesPerMs;
        leadingSilence = options.LeadingSilenceMs * SamplesPerMs;
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
        short[] samples = new short[state.Rest.Count + fresh.Length];
        for (int i = 0; i < state.Rest.Count; i++)
        {
            samples[i] = state.Rest[i];
        }
        fresh.CopyTo(samples.AsSpan(state.Rest.Count));

        List<SpeechSegment> closed = [];
        int position = 0;
        for (; samples.Length - position >= FrameSamples; position += FrameSamples)
        {
            float probability = detector.SpeechProbability(samples.AsSpan(position, FrameSamples));
            state = Judge(state, probability, closed);
        }
        return new(state with { Rest = samples[position..] }, closed);
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

    private SegmenterState Judge(SegmenterState state, float probability, List<SpeechSegment> closed)
    {
        bool speech = probability >= threshold;
        if (speech && state.SpeechSamples == 0 && state.Judged - state.SegmentStart >= leadingSilence)
        {
            // Speech after a long silence: the silence becomes a segment of its own, half a pause is kept as run-up.
            state = Close(state, state.Judged - (pause / 2), 0, closed);
        }
        state = state with
        {
            Judged = state.Judged + FrameSamples,
            SpeechSamples = state.SpeechSamples + (speech ? FrameSamples : 0),
            SilentRun = speech ? 0 : state.SilentRun + FrameSamples,
        };
        state = RememberQuietest(state, probability);
        long length = state.Judged - state.SegmentStart;
        if (state.SpeechSamples > 0 && state.SilentRun >= pause && length >= minSegment)
        {
            return Close(state, state.Judged - (pause / 2), state.SpeechSamples, closed);
        }
        return length < maxSegment ? state : CloseAtQuietest(state, closed);
    }

    // "<=": of equally quiet frames the last one, which keeps the segment long.
    private SegmenterState RememberQuietest(SegmenterState state, float probability) =>
        state.Judged - state.SegmentStart >= maxSegment * 2 / 3 && probability <= state.QuietestProbability
            ? state with { QuietestAt = state.Judged, QuietestProbability = probability, SpeechAtQuietest = state.SpeechSamples }
            : state;

    private static SegmenterState CloseAtQuietest(SegmenterState state, List<SpeechSegment> closed)
    {
        int speechAfter = state.SpeechSamples - state.SpeechAtQuietest;
        return Close(state, state.QuietestAt, state.SpeechAtQuietest, closed) with { SpeechSamples = speechAfter };
    }

    private static SegmenterState Close(SegmenterState state, long end, int speechSamples, List<SpeechSegment> closed)
    {
        closed.Add(new(state.Closed, state.SegmentStart, end, speechSamples));
        return state with
        {
            SegmentStart = end, Closed = state.Closed + 1, SpeechSamples = 0, QuietestAt = 0, QuietestProbability = 1f, SpeechAtQuietest = 0,
        };
    }
}
