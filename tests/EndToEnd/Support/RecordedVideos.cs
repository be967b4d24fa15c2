using System.Diagnostics;
using System.Globalization;
using StreamPlatform.Cli.Demo;
using StreamPlatform.Inference.Demo;
using Xunit;

namespace StreamPlatform.Tests.EndToEnd.Support;

/// <summary>Videos of the demo's real faces and speech, made by ffmpeg; deleted with the object.</summary>
public sealed class RecordedVideos : IDisposable
{
    private const int FramesPerSecond = 10;

    private readonly string folder = Directory.CreateTempSubdirectory("sp-video-").FullName;

    /// <summary>Arguments of the encoders that go into each container.</summary>
    public static readonly IReadOnlyDictionary<string, string[]> Encoders = new Dictionary<string, string[]>
    {
        ["mp4"] = ["-c:v", "libx264", "-preset", "ultrafast", "-crf", "16", "-pix_fmt", "yuv420p", "-c:a", "aac"],
        ["webm"] = ["-c:v", "libvpx", "-deadline", "realtime", "-cpu-used", "8", "-crf", "8", "-b:v", "4M", "-pix_fmt", "yuv420p", "-c:a", "libopus"],
    };

    /// <summary>A path in the folder of this object.</summary>
    public string At(string name) => Path.Combine(folder, name);

    /// <summary>Each person for so many seconds, one after the other.</summary>
    /// <param name="extension">mp4 or webm.</param>
    /// <param name="speech">PCM16 mono 16 kHz; empty = no sound track.</param>
    public async Task<string> FilmAsync(string extension, IReadOnlyList<string> people, int secondsEach, ReadOnlyMemory<byte> speech)
    {
        if (!Environment.GetEnvironmentVariable("PATH")!.Split(':').Any(p => File.Exists(Path.Combine(p, "ffmpeg"))))
        {
            Assert.Skip("no ffmpeg: install Debian's package (./streamplatform does)");
        }

        var number = 0;
        foreach (var person in people)
        {
            using var renderer = DemoFrameRenderer.Load(Path.Combine(Repository.Assets, "face-api", "package", "demo"), DemoFace.Named(person));
            for (var i = 0; i < secondsEach * FramesPerSecond; i++)
            {
                await File.WriteAllBytesAsync(At($"frame-{number++:0000}.jpg"), renderer.Render(TimeSpan.FromSeconds((double)i / FramesPerSecond), quality: 95));
            }
        }

        List<string> input = ["-framerate", FramesPerSecond.ToString(CultureInfo.InvariantCulture), "-i", At("frame-%04d.jpg")];
        if (!speech.IsEmpty)
        {
            await File.WriteAllBytesAsync(At("speech.raw"), speech.ToArray());
            input.AddRange(["-f", "s16le", "-ar", "16000", "-ac", "1", "-i", At("speech.raw")]);
        }

        var file = At($"{string.Join('-', people)}.{extension}");
        await RunAsync([.. input, .. speech.IsEmpty ? Encoders[extension].SkipLast(2) : Encoders[extension], file]);
        return file;
    }

    /// <summary>ffmpeg, for what a test needs beside.</summary>
    public static async Task RunAsync(IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo("ffmpeg", ["-nostdin", "-hide_banner", "-loglevel", "error", "-y", .. arguments]) { RedirectStandardError = true };
        using var process = Process.Start(start)!;
        var errors = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync().WaitAsync(TimeSpan.FromMinutes(2));
        Assert.True(process.ExitCode == 0, errors);
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);
}
