using System.Runtime.InteropServices;
using FsCheck;
using FsCheck.Fluent;
using StreamPlatform.Speech;
using StreamPlatform.Speech.Opus;
using StreamPlatform.Topology.Ports;
using StreamPlatform.Topology.Speech;

namespace StreamPlatform.Tests.Unit.Speech;

public sealed class OpusTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Speech_in_Opus_of_24_kbit_is_understood_about_as_well_as_PCM()
    {
        OpusClips.SkipWhereMissing();
        OpusDecoder decoder = new();
        await using PocketSphinxRecognizer recognizer = new(new PocketSphinxOptions());
        int plainErrors = 0, opusErrors = 0, words = 0;
        foreach (LibriVoxClips.Clip clip in LibriVoxClips.All())
        {
            IReadOnlyList<byte[]> packets = await OpusClips.EncodeAsync(clip.Pcm16, "24k", Cancel);
            byte[] pcm = Decode(decoder, packets, 12);
            Assert.InRange(pcm.Length, clip.Pcm16.Length, clip.Pcm16.Length + (60 * 32)); // the encoder fills its last packet
            string[] expected = WordErrorRate.Words(clip.Text);
            plainErrors += WordErrorRate.Distance(expected, WordErrorRate.Words((await recognizer.RecognizeAsync(clip.Pcm16, Cancel)).Text));
            opusErrors += WordErrorRate.Distance(expected, WordErrorRate.Words((await recognizer.RecognizeAsync(pcm, Cancel)).Text));
            words += expected.Length;
        }
        TestContext.Current.SendDiagnosticMessage($"word error rate: PCM16 {(double)plainErrors / words:F3}, Opus 24 kbit/s {(double)opusErrors / words:F3} of {words} words");
        Assert.InRange((double)opusErrors / words, 0, 0.42);
    }

    [Fact]
    public async Task A_chunk_decoded_after_its_pre_roll_sounds_as_if_everything_before_it_had_been_decoded()
    {
        OpusClips.SkipWhereMissing();
        OpusDecoder decoder = new();
        IReadOnlyList<byte[]> packets = await OpusClips.EncodeAsync(LibriVoxClips.All()[1].Pcm16, "24k", Cancel);
        short[] whole = Samples(Decode(decoder, packets, packets.Count));
        short[] chunked = Samples(Decode(decoder, packets, 12));
        Assert.Equal(whole.Length, chunked.Length);
        double signal = whole.Sum(s => (double)s * s);
        double error = whole.Zip(chunked).Sum(pair => Math.Pow(pair.First - pair.Second, 2));
        double ratioDb = 10 * Math.Log10(signal / Math.Max(1, error));
        TestContext.Current.SendDiagnosticMessage($"signal to difference: {ratioDb:F1} dB");
        Assert.InRange(ratioDb, 30, double.PositiveInfinity);
    }

    [Fact]
    public void Packets_of_random_bytes_are_refused_or_decoded_to_the_length_they_announce()
    {
        Assert.SkipUnless(OpusDecoder.FindMissing() is null, "apt-get install libopus0");
        OpusDecoder decoder = new();
        int refused = 0, decoded = 0;
        Prop.ForAll(Gen.ArrayOf(Gen.ArrayOf(Gen.Choose(0, 255).Select(b => (byte)b))).ToArbitrary(), packets =>
        {
            byte[] chunk = OpusPackets.Write(packets.Select(packet => new ReadOnlyMemory<byte>(packet)));
            try
            {
                DecodedAudio audio = decoder.Decode([], chunk);
                Assert.Equal(OpusPackets.Read(chunk).Sum(packet => packet.Samples) * 2, audio.Pcm16.Length);
                Assert.InRange(audio.PreRoll.Length, 0, OpusPackets.MaxPreRollBytes);
                decoded++;
            }
            catch (UnreadableAudioException)
            {
                refused++;
            }
        }).QuickCheckThrowOnFailure();
        Assert.NotEqual(0, refused);
        Assert.NotEqual(0, decoded);
    }

    public static TheoryData<byte[]> Hostile => new(
        [1],
        [0, 0],
        [0, 9, 1],
        [255, 255, 1, 2, 3],
        [0, 1, 3], // code 3 without its count
        [0, 2, 3, 0], // no frames
        [0, 2, 0x1B, 63], // 63 frames of 60 ms
        [.. Enumerable.Repeat(new byte[] { 0, 1, 0x18 }, 40).SelectMany(b => b)]); // 40 packets of 60 ms

    [Theory]
    [MemberData(nameof(Hostile))]
    public void Broken_framing_and_endless_audio_are_refused_before_anything_is_decoded(byte[] chunk)
    {
        Assert.Throws<UnreadableAudioException>(() => OpusPackets.Read(chunk));
    }

    private static byte[] Decode(OpusDecoder decoder, IReadOnlyList<byte[]> packets, int perChunk)
    {
        List<byte> pcm = [];
        byte[] preRoll = [];
        foreach (byte[][] chunk in packets.Chunk(Math.Min(perChunk, 100)))
        {
            DecodedAudio audio = decoder.Decode(preRoll, OpusPackets.Write(chunk.Select(packet => new ReadOnlyMemory<byte>(packet))));
            pcm.AddRange(audio.Pcm16);
            preRoll = audio.PreRoll;
        }
        return [.. pcm];
    }

    private static short[] Samples(byte[] pcm16) => MemoryMarshal.Cast<byte, short>(pcm16).ToArray();
}
