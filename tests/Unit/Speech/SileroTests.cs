using System.Runtime.InteropServices;
using System.Text.Json;
using StreamPlatform.Speech;
using StreamPlatform.Tests.Unit.House;
using StreamPlatform.Topology.Speech;

namespace StreamPlatform.Tests.Unit.Speech;

public sealed class SileroTests
{
    private static readonly SegmenterOptions Options = new();

    public static TheoryData<string> NoSpeech => ["silence", "pink", "loud pink", "white", "tone 150", "tone 200", "tone 440", "tone 1000", "chords"];

    [Theory]
    [MemberData(nameof(NoSpeech))]
    public void No_speech_is_found_where_there_is_none(string sound)
    {
        using SileroVoiceActivityDetector silero = VoiceModel.Open();
        byte[] pcm = sound switch
        {
            "silence" => Sounds.Silence(20),
            "pink" => Sounds.PinkNoise(20, 2_000),
            "loud pink" => Sounds.PinkNoise(20, 12_000),
            "white" => Sounds.WhiteNoise(20, 3_000),
            "tone 150" => Sounds.Tone(20, 150, 6_000),
            "tone 200" => Sounds.Tone(20, 200, 6_000),
            "tone 440" => Sounds.Tone(20, 440, 6_000),
            "tone 1000" => Sounds.Tone(20, 1_000, 6_000),
            _ => Sounds.Chords(20, 12_000),
        };
        IReadOnlyList<SpeechSegment> segments = Cut(new SpeechSegmenter(silero, Options), pcm, 8_000);
        TestContext.Current.SendDiagnosticMessage($"{sound}: {segments.Sum(s => s.SpeechMs)} ms of speech found");
        Assert.Equal(0, segments.Sum(segment => segment.SpeechMs));
    }

    [Fact]
    public void Speech_is_found_in_the_five_clips_and_cut_at_the_pauses_between_them()
    {
        using SileroVoiceActivityDetector silero = VoiceModel.Open();
        LibriVoxClips.SkipWhereMissing();
        SpeechSegmenter segmenter = new(silero, Options);
        byte[] pause = Sounds.PinkNoise(0.8, 300);
        IReadOnlyList<LibriVoxClips.Clip> clips = LibriVoxClips.All();
        IReadOnlyList<SpeechSegment> segments = Cut(segmenter, [.. clips.SelectMany(clip => clip.Pcm16.Concat(pause))], 8_000);
        double position = 0;
        foreach (LibriVoxClips.Clip clip in clips)
        {
            position += clip.Seconds;
            Assert.Contains(segments, segment => segment.EndMs / 1000.0 > position - 0.5 && segment.EndMs / 1000.0 < position + 0.8);
            position += 0.8;
            long speechMs = Cut(segmenter, clip.Pcm16, 8_000).Sum(segment => segment.SpeechMs);
            TestContext.Current.SendDiagnosticMessage($"{clip.Name}: {speechMs} ms of speech in {clip.Seconds * 1000:F0} ms");
            Assert.InRange(speechMs / (clip.Seconds * 1000), 0.6, 1.0);
        }
    }

    [Fact]
    public void Cuts_do_not_depend_on_the_chunks_nor_on_serialisation_between_them()
    {
        using SileroVoiceActivityDetector silero = VoiceModel.Open();
        LibriVoxClips.SkipWhereMissing();
        SpeechSegmenter segmenter = new(silero, Options);
        byte[] pcm = [.. LibriVoxClips.All().Take(2).SelectMany(clip => clip.Pcm16)];
        IReadOnlyList<SpeechSegment> whole = Cut(segmenter, pcm, pcm.Length);
        Assert.Equal(whole, Cut(segmenter, pcm, 8_000));
        Assert.Equal(whole, Cut(segmenter, pcm, 1_234));
    }

    [Fact]
    public async Task Streams_at_once_do_not_disturb_each_other()
    {
        using SileroVoiceActivityDetector silero = VoiceModel.Open();
        LibriVoxClips.SkipWhereMissing();
        SpeechSegmenter segmenter = new(silero, Options);
        IReadOnlyList<LibriVoxClips.Clip> clips = LibriVoxClips.All();
        IReadOnlyList<SpeechSegment>[] alone = [.. clips.Select(clip => Cut(segmenter, clip.Pcm16, 8_000))];
        IReadOnlyList<SpeechSegment>[] together = await Task.WhenAll(clips.Select(clip => Task.Run(() => Cut(segmenter, clip.Pcm16, 8_000))));
        Assert.Equal(alone, together);
    }

    /// <summary>tests/js/reference/silero.mjs wrote the file, with ONNX Runtime as WebAssembly and after silero-vad's own wrapper.</summary>
    [Fact]
    public void Probabilities_equal_those_of_the_reference_implementation()
    {
        using SileroVoiceActivityDetector silero = VoiceModel.Open();
        LibriVoxClips.SkipWhereMissing();
        Dictionary<string, float[]> reference = JsonSerializer.Deserialize<Dictionary<string, float[]>>(File.ReadAllText(Repository.File("tests/Unit/Speech/reference/silero.json")))!;
        float[] expected = [], got = [];
        foreach (LibriVoxClips.Clip clip in LibriVoxClips.All())
        {
            expected = reference[clip.Name];
            got = Probabilities(silero, clip.Pcm16);
            Assert.Equal(expected.Length, got.Length);
            Assert.All(expected.Zip(got), pair => Assert.InRange(Math.Abs(pair.First - pair.Second), 0, 0.001));
        }
    }

    [Fact]
    public void A_missing_or_foreign_model_is_named_and_loudness_takes_its_place()
    {
        Assert.Contains("set-up", Assert.Throws<SpeechEngineUnavailableException>(() => new SileroVoiceActivityDetector("no-such-model.onnx")).Message);
        Assert.Equal("energy", VoiceActivity.Open("no-such-directory", Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance).Name);
    }

    private static float[] Probabilities(SileroVoiceActivityDetector silero, byte[] pcm16)
    {
        ReadOnlySpan<short> samples = MemoryMarshal.Cast<byte, short>(pcm16);
        float[] memory = new float[silero.MemoryFloats];
        float[] probabilities = new float[samples.Length / silero.FrameSamples];
        for (int i = 0; i < probabilities.Length; i++)
        {
            probabilities[i] = silero.SpeechProbability(samples.Slice(i * silero.FrameSamples, silero.FrameSamples), memory);
        }
        return probabilities;
    }

    private static IReadOnlyList<SpeechSegment> Cut(SpeechSegmenter segmenter, byte[] pcm16, int chunkBytes)
    {
        byte[] state = SegmenterState.Start.ToBytes();
        List<SpeechSegment> segments = [];
        for (int i = 0; i < pcm16.Length; i += chunkBytes)
        {
            SegmenterResult result = segmenter.Feed(SegmenterState.FromBytes(state), pcm16.AsSpan(i, Math.Min(chunkBytes, pcm16.Length - i)));
            state = result.State.ToBytes();
            Assert.InRange(state.Length, 1, 4_096);
            segments.AddRange(result.Closed);
        }
        return [.. segments, .. segmenter.Finish(SegmenterState.FromBytes(state)).Closed];
    }
}
