using System.Diagnostics;
using StreamPlatform.Speech.Opus;

namespace StreamPlatform.Tests.Unit.Speech;

/// <summary>Speech as ffmpeg's libopus codes it: packets of 20 ms.</summary>
internal static class OpusClips
{
    private const string Ffmpeg = "/usr/bin/ffmpeg";

    public static void SkipWhereMissing()
    {
        LibriVoxClips.SkipWhereMissing();
        Assert.SkipUnless(OpusDecoder.FindMissing() is null, "apt-get install libopus0");
        Assert.SkipUnless(File.Exists(Ffmpeg), "apt-get install ffmpeg");
    }

    /// <param name="bitRate">As ffmpeg takes it, e.g. "24k".</param>
    public static async Task<byte[][]> EncodeAsync(byte[] pcm16, string bitRate, CancellationToken cancellationToken)
    {
        ProcessStartInfo start = new(Ffmpeg, ["-v", "error", "-f", "s16le", "-ar", "16000", "-ac", "1", "-i", "-", "-c:a", "libopus", "-b:a", bitRate, "-frame_duration", "20", "-f", "ogg", "-"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        using Process process = Process.Start(start)!;
        Task<byte[]> read = ReadAsync(process.StandardOutput.BaseStream, cancellationToken);
        await process.StandardInput.BaseStream.WriteAsync(pcm16, cancellationToken);
        process.StandardInput.Close();
        byte[] ogg = await read;
        await process.WaitForExitAsync(cancellationToken);
        return [.. OggPackets.Read(ogg).Skip(2)]; // the first two are headers: RFC 7845, section 3
    }

    private static async Task<byte[]> ReadAsync(Stream stream, CancellationToken cancellationToken)
    {
        using MemoryStream all = new();
        await stream.CopyToAsync(all, cancellationToken);
        return all.ToArray();
    }
}
