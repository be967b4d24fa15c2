using System.Buffers.Binary;
using FsCheck;
using FsCheck.Fluent;
using StreamPlatform.Speech;
using StreamPlatform.Streams;
using StreamPlatform.Topology.Ports;
using StreamPlatform.Topology.Speech;

namespace StreamPlatform.Tests.Unit.Speech;

public sealed class SpeechSegmenterTests
{
    private static readonly SpeechSegmenter Segmenter = new(new EnergyVoiceActivityDetector(), new SegmenterOptions());

    [Fact]
    public void A_pause_ends_a_segment_in_its_middle()
    {
        SpeechSegment[] segments = Cut(Signal((2_010, true), (600, false), (1_500, true)));
        Assert.Equal(2, segments.Length);
        Assert.InRange(segments[0].EndMs, 2_010 + 100, 2_010 + 500);
        Assert.InRange(segments[0].SpeechMs, 1_980, 2_040);
        Assert.InRange(segments[1].SpeechMs, 1_470, 1_530);
    }

    [Fact]
    public void A_shorter_pause_or_one_too_early_does_not()
    {
        Assert.Single(Cut(Signal((2_010, true), (300, false), (1_500, true))));
        Assert.Single(Cut(Signal((300, true), (450, false), (1_500, true))));
    }

    [Fact]
    public void Speech_without_a_pause_is_cut_at_its_quietest_moment_within_15_seconds()
    {
        SpeechSegment[] segments = Cut(Signal((13_020, true), (120, false), (20_010, true)));
        Assert.All(segments, segment => Assert.InRange(segment.EndMs - segment.StartMs, 1, 15_000));
        Assert.InRange(segments[0].EndMs, 13_020, 13_170);
        Assert.Equal(3, segments.Length);
        Assert.InRange(segments.Sum(segment => segment.SpeechMs), 33_000, 33_060);
    }

    [Fact]
    public void A_long_silence_before_speech_becomes_a_segment_without_speech()
    {
        SpeechSegment[] segments = Cut(Signal((4_020, false), (2_010, true)));
        Assert.Equal([0L, 1L], segments.Select(segment => segment.SpeechMs > 0 ? 1L : 0L));
        Assert.InRange(segments[1].StartMs, 3_500, 4_020);
    }

    [Fact]
    public void Silence_alone_and_nothing_at_all()
    {
        Assert.All(Cut(Signal((40_020, false))), segment => Assert.Equal(0, segment.SpeechSamples));
        Assert.Empty(Cut([]));
        Assert.Equal(100, Assert.Single(Cut(new byte[200])).EndSample);
    }

    [Fact]
    public void No_sample_is_lost_or_doubled_and_the_cuts_do_not_depend_on_the_chunks()
    {
        Gen<(int Ms, bool Speech)[]> signals = Gen.ArrayOf(Gen.Zip(Gen.Choose(1, 4_000), Gen.Elements(true, false))
            .Select(pair => (pair.Item1, pair.Item2)));
        Prop.ForAll(signals.ToArbitrary(), Gen.Choose(1, 40_000).ToArbitrary(), (parts, chunkSamples) =>
        {
            byte[] signal = Signal(parts);
            SpeechSegment[] whole = Cut(signal);
            Assert.Equal(whole, Cut(signal, chunkSamples * 2));
            long position = 0;
            for (int i = 0; i < whole.Length; i++)
            {
                Assert.Equal(i, whole[i].Index);
                Assert.Equal(position, whole[i].StartSample);
                Assert.InRange(whole[i].SpeechSamples, 0, whole[i].EndSample - whole[i].StartSample);
                Assert.InRange(whole[i].EndSample - position, 1, (15_000 * 16) + 480);
                position = whole[i].EndSample;
            }
            Assert.Equal(signal.Length / 2, position);
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void The_state_is_small_and_survives_serialisation_between_any_two_chunks()
    {
        byte[] signal = Signal((2_017, true), (613, false), (17_003, true), (777, false));
        SegmenterState state = SegmenterState.Start;
        List<SpeechSegment> segments = [];
        for (int i = 0; i < signal.Length; i += 6_406)
        {
            (state, IReadOnlyList<SpeechSegment> closed) = Segmenter.Feed(state, signal.AsSpan(i, Math.Min(6_406, signal.Length - i)));
            byte[] bytes = state.ToBytes();
            Assert.InRange(bytes.Length, 1, 4_096);
            state = SegmenterState.FromBytes(bytes);
            segments.AddRange(closed);
        }
        segments.AddRange(Segmenter.Finish(state).Closed);
        Assert.Equal(Cut(signal), segments);
    }

    [Fact]
    public void Foreign_bytes_are_no_state_and_half_a_sample_is_no_chunk()
    {
        Assert.Throws<FormatException>(() => SegmenterState.FromBytes(new byte[60]));
        Assert.Throws<PoisonException>(() => Segmenter.Feed(SegmenterState.Start, new byte[3]));
    }

    [Fact]
    public void Real_clips_joined_by_pauses_come_apart_at_them()
    {
        LibriVoxClips.SkipWhereMissing();
        byte[] pause = new byte[16_000 * 2 * 6 / 10];
        LibriVoxClips.Clip[] clips = [.. LibriVoxClips.All()];
        SpeechSegment[] segments = Cut([.. clips.SelectMany(clip => clip.Pcm16.Concat(pause))]);
        double position = 0;
        foreach (LibriVoxClips.Clip clip in clips)
        {
            position += clip.Seconds;
            Assert.Contains(segments, segment => segment.EndMs / 1000.0 > position - 0.5 && segment.EndMs / 1000.0 < position + 0.6);
            position += 0.6;
        }
        Assert.InRange(segments.Count(segment => segment.SpeechSamples > 0), 5, 10);
    }

    [Fact]
    public void The_detector_tells_a_tone_from_silence_hiss_and_a_constant_offset()
    {
        EnergyVoiceActivityDetector detector = new();
        Random random = new(1);
        short[] tone = [.. Enumerable.Range(0, 480).Select(i => (short)(3_000 * Math.Sin(i * 2 * Math.PI * 200 / 16_000)))];
        short[] hiss = [.. Enumerable.Range(0, 480).Select(_ => (short)random.Next(-300, 300))];
        Assert.InRange(detector.SpeechProbability(tone), 0.95f, 1f);
        Assert.InRange(detector.SpeechProbability(new short[480]), 0f, 0.01f);
        Assert.InRange(detector.SpeechProbability([.. Enumerable.Repeat((short)8_000, 480)]), 0f, 0.01f);
        Assert.InRange(detector.SpeechProbability(hiss), 0f, 0.5f);
        Assert.Equal(0f, detector.SpeechProbability([]));
    }

    private static SpeechSegment[] Cut(byte[] signal, int chunkBytes = int.MaxValue)
    {
        SegmenterState state = SegmenterState.Start;
        List<SpeechSegment> segments = [];
        for (int i = 0; i < signal.Length; i += Math.Min(chunkBytes, signal.Length))
        {
            SegmenterResult result = Segmenter.Feed(state, signal.AsSpan(i, Math.Min(chunkBytes, signal.Length - i)));
            state = result.State;
            segments.AddRange(result.Closed);
        }
        return [.. segments, .. Segmenter.Finish(state).Closed];
    }

    /// <summary>A 200 Hz tone where there is speech, zeros elsewhere.</summary>
    private static byte[] Signal(params (int Ms, bool Speech)[] parts)
    {
        byte[] bytes = new byte[parts.Sum(part => part.Ms) * 32];
        int sample = 0;
        foreach ((int ms, bool speech) in parts)
        {
            for (int end = sample + (ms * 16); sample < end; sample++)
            {
                short value = speech ? (short)(6_000 * Math.Sin(sample * 2 * Math.PI * 200 / 16_000)) : (short)0;
                BinaryPrimitives.WriteInt16LittleEndian(bytes.AsSpan(sample * 2), value);
            }
        }
        return bytes;
    }
}
