using System.Diagnostics;
using StreamPlatform.Cli.Analyse;
using Xunit;

namespace StreamPlatform.Tests.Unit.Cli;

/// <summary>Files that cannot be analysed are refused with what to fix, before anything is started or stored.</summary>
public sealed class MediaFileTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("sp-media-").FullName;

    public MediaFileTests() => Assert.SkipUnless(
        Environment.GetEnvironmentVariable("PATH")!.Split(':').Any(p => File.Exists(Path.Combine(p, "ffprobe"))), "no ffmpeg: install Debian's package (./streamplatform does)");

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Theory]
    [InlineData("video.mp4", "libx264", "aac")]
    [InlineData("video.webm", "libvpx", "libopus")]
    public async Task Duration_and_sound_of_a_good_file_are_known(string name, string video, string audio)
    {
        var file = await ProbeAsync(await MakeAsync(name, ["-f", "lavfi", "-i", "testsrc=d=3:s=320x240:r=10", "-f", "lavfi", "-i", "sine=d=3", "-c:v", video, "-c:a", audio]));
        Assert.InRange(file.Duration.TotalSeconds, 2.9, 3.2);
        Assert.True(file.HasAudio);
    }

    [Fact]
    public async Task A_live_WebM_without_a_stated_duration_is_measured()
    {
        var path = Path.Combine(folder, "live.webm");
        // As a browser's recorder: written to a pipe, so that the header cannot be completed.
        await RunAsync("sh", ["-c", $"ffmpeg -nostdin -loglevel error -f lavfi -i testsrc=d=4:s=320x240:r=10 -c:v libvpx -f webm - | cat > '{path}'"]);
        Assert.InRange((await ProbeAsync(path)).Duration.TotalSeconds, 3.5, 4.5);
    }

    [Fact]
    public async Task What_is_no_video_is_refused_by_name()
    {
        var text = Path.Combine(folder, "notes.mp4");
        await File.WriteAllTextAsync(text, "this is no video", TestContext.Current.CancellationToken);
        Assert.Contains("no readable MP4 or WebM video", await RefusalAsync(text));
        Assert.Contains("does not exist", await RefusalAsync(Path.Combine(folder, "absent.mp4")));
        Assert.Contains("no video track", await RefusalAsync(await MakeAsync("sound.mp4", ["-f", "lavfi", "-i", "sine=d=1", "-c:a", "aac"])));
    }

    [Fact]
    public async Task A_playlist_that_names_other_files_or_addresses_is_not_followed()
    {
        var playlist = Path.Combine(folder, "list.mp4");
        await File.WriteAllTextAsync(playlist, "#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nhttp://127.0.0.1:1/secret.ts\n#EXT-X-ENDLIST\n", TestContext.Current.CancellationToken);
        Assert.Contains("no readable MP4 or WebM video", await RefusalAsync(playlist));
        await File.WriteAllTextAsync(playlist, "ffconcat version 1.0\nfile '/etc/hostname'\n", TestContext.Current.CancellationToken);
        Assert.Contains("no readable MP4 or WebM video", await RefusalAsync(playlist));
    }

    [Fact]
    public async Task A_damaged_or_too_long_file_is_refused()
    {
        var good = await MakeAsync("good.mp4", ["-f", "lavfi", "-i", "testsrc=d=3:s=320x240:r=10", "-c:v", "libx264"]);
        var cut = Path.Combine(folder, "cut.mp4");
        var bytes = await File.ReadAllBytesAsync(good, TestContext.Current.CancellationToken);
        await File.WriteAllBytesAsync(cut, bytes[..(bytes.Length / 2)], TestContext.Current.CancellationToken); // the index lies at the end
        Assert.Contains("export it again", await RefusalAsync(cut));
        Assert.Contains("at most 2 hours", await RefusalAsync(await MakeAsync("long.mp4", ["-f", "lavfi", "-i", "color=d=7300:s=16x16:r=0.05", "-c:v", "libx264"])));
    }

    [Theory]
    [InlineData("US", "emotion", null)]
    [InlineData("US", "", "--consent is missing")]
    [InlineData("US", "everything", "--consent has 'everything'")]
    [InlineData("USA", "all", "--jurisdiction is two letters")]
    public void Consent_and_jurisdiction_must_be_stated(string jurisdiction, string consent, string? problem)
    {
        var options = new AnalyseOptions { File = "x", Jurisdiction = jurisdiction, Consent = consent.Split(',', StringSplitOptions.RemoveEmptyEntries) };
        var thrown = Record.Exception(() => options.Validate(DateTimeOffset.UnixEpoch));
        Assert.Equal(problem is null, thrown is null);
        Assert.Contains(problem ?? "", thrown?.Message ?? "");
    }

    private static Task<MediaFile> ProbeAsync(string path) => MediaFile.ProbeAsync(path, TimeProvider.System, TestContext.Current.CancellationToken);

    private static async Task<string> RefusalAsync(string path) => (await Assert.ThrowsAsync<AnalyseException>(() => ProbeAsync(path))).Message;

    private async Task<string> MakeAsync(string name, string[] arguments)
    {
        var path = Path.Combine(folder, name);
        await RunAsync("ffmpeg", ["-nostdin", "-loglevel", "error", .. arguments, path]);
        return path;
    }

    private static async Task RunAsync(string program, string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments))!;
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(0, process.ExitCode);
    }
}
