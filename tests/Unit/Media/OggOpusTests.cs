using System.Diagnostics;
using System.Globalization;
using Google.Protobuf;
using StreamPlatform.Media.Answers;
using StreamPlatform.Schemas.V1;
using StreamPlatform.Speech.Opus;
using StreamPlatform.Tests.Unit.Speech;
using StreamPlatform.Topology.Speech;

namespace StreamPlatform.Tests.Unit.Media;

/// <summary>Answers in Opus as files: another maker's reader (ffmpeg) takes them without complaint, and hears what the platform's decoder hears.</summary>
public sealed class OggOpusTests
{
    private const string Ffmpeg = "/usr/bin/ffmpeg";

    [Theory]
    [InlineData("24k", 25)]
    [InlineData("128k", 50)]
    public async Task Ffmpeg_decodes_the_packets_as_they_were_sent(string bitRate, int packetsPerChunk)
    {
        OpusClips.SkipWhereMissing();
        var ct = TestContext.Current.CancellationToken;
        var speech = new byte[16_000 * 2 * 7];
        for (var i = 0; i < speech.Length / 2; i++)
        {
            BitConverter.TryWriteBytes(speech.AsSpan(i * 2), (short)(8_000 * Math.Sin(2 * Math.PI * 440 * i / 16_000) * Math.Sin(i / 3_000.0)));
        }

        var packets = await OpusClips.EncodeAsync(speech, bitRate, ct);
        using var sound = new AnswerSound(Chunk(0, []), 0, 0);
        var decoder = new OpusDecoder();
        byte[] preRoll = [];
        List<byte> expected = [];
        var number = 0;
        foreach (var some in packets.Chunk(packetsPerChunk))
        {
            var data = OpusPackets.Write(some.Select(p => (ReadOnlyMemory<byte>)p));
            sound.Add(Chunk(++number, data));
            var decoded = decoder.Decode(preRoll, data);
            (preRoll, expected) = (decoded.PreRoll, [.. expected, .. decoded.Pcm16]);
        }

        var (source, content) = sound.Finish()!.Value;
        Assert.Equal(("audio/ogg", "answer-3.ogg", packets.Length * 20), (source.ContentType, source.Name, source.Part!.DurationMs));
        var path = Path.Combine(Path.GetTempPath(), $"answer-{Guid.NewGuid():N}.ogg");
        try
        {
            await using (var file = File.Create(path))
            {
                await content.CopyToAsync(file, ct);
            }

            Assert.Equal(packets, OggPackets.Read(await File.ReadAllBytesAsync(path, ct)).Skip(2));
            var duration = double.Parse(await RunAsync("/usr/bin/ffprobe", ["-v", "error", "-show_entries", "format=duration", "-of", "csv=p=0", path], ct), CultureInfo.InvariantCulture);
            Assert.Equal(packets.Length * 0.02, duration, 0.03);
            var heard = Path.ChangeExtension(path, ".pcm");
            await RunAsync(Ffmpeg, ["-v", "error", "-xerror", "-c:a", "libopus", "-i", path, "-f", "s16le", "-ar", "16000", "-ac", "1", heard], ct);
            var pcm = await File.ReadAllBytesAsync(heard, ct);
            File.Delete(heard);
            Assert.InRange(pcm.Length, expected.Count - (16 * 2 * 20), expected.Count + (16 * 2 * 20));
            // resampled by another maker: alike in loudness, block by block
            for (var at = 16_000; at + 3_200 < Math.Min(pcm.Length, expected.Count); at += 3_200)
            {
                var (a, b) = (Loudness(pcm, at), Loudness([.. expected], at));
                Assert.InRange(a, (b * 0.8) - 200, (b * 1.25) + 200);
            }
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static AudioChunk Chunk(long sequence, byte[] data) => new()
    {
        SessionId = "s", Sequence = sequence, QuestionIndex = 2, Codec = AudioCodec.Opus, Data = ByteString.CopyFrom(data), Recording = new() { CandidateId = "c" },
    };

    private static double Loudness(byte[] pcm, int at)
    {
        double sum = 0;
        for (var i = at; i < at + 3_200; i += 2)
        {
            sum += Math.Pow(BitConverter.ToInt16(pcm, i), 2);
        }

        return Math.Sqrt(sum / 1_600);
    }

    // what it complains of goes to its standard error, which must stay empty
    private static async Task<string> RunAsync(string program, string[] arguments, CancellationToken ct)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var errors = process.StandardError.ReadToEndAsync(ct);
        var output = await process.StandardOutput.ReadToEndAsync(ct);
        await process.WaitForExitAsync(ct);
        Assert.Equal("", await errors);
        return output;
    }
}
