using System.Globalization;
using System.Text.Json;

namespace StreamPlatform.Cli.Analyse;

/// <summary>What a video file holds, as ffprobe sees it.</summary>
/// <param name="Path">Absolute path.</param>
/// <param name="Duration">Position of the end of the video track.</param>
/// <param name="HasAudio">It has an audio track.</param>
public sealed record MediaFile(string Path, TimeSpan Duration, bool HasAudio)
{
    private static readonly TimeSpan ProbeLimit = TimeSpan.FromMinutes(2);

    /// <summary>Looks into a file without decoding it.</summary>
    /// <exception cref="AnalyseException">It is missing, no video, has no video track, is damaged or too long.</exception>
    public static async Task<MediaFile> ProbeAsync(string path, TimeProvider time, CancellationToken ct)
    {
        var full = System.IO.Path.GetFullPath(path);
        if (!File.Exists(full))
        {
            throw new AnalyseException($"{path} does not exist: name an MP4 or WebM file");
        }

        using var json = JsonDocument.Parse(await ReadAsync(full, ["-of", "json", "-show_entries", "format=duration:stream=codec_type,codec_name,duration"], path, time, ct));
        var streams = json.RootElement.TryGetProperty("streams", out var list) ? list.EnumerateArray().ToList() : [];
        var video = streams.FirstOrDefault(s => Text(s, "codec_type") == "video");
        if (video.ValueKind == JsonValueKind.Undefined)
        {
            throw new AnalyseException($"{path} has no video track: only files with a picture are analysed");
        }

        var stated = json.RootElement.TryGetProperty("format", out var format) ? Seconds(Text(format, "duration")) : null;
        var seconds = Seconds(Text(video, "duration")) ?? stated ?? await LastPacketAsync(full, path, time, ct);
        if (seconds <= 0)
        {
            throw new AnalyseException($"{path} holds no frame: it is empty or damaged, export it again");
        }

        if (seconds > AnalyseOptions.MaxDuration.TotalSeconds)
        {
            throw new AnalyseException(
                $"{path} lasts {TimeSpan.FromSeconds(seconds):h\\:mm\\:ss}; at most {AnalyseOptions.MaxDuration.TotalHours:0} hours are analysed at once: cut it into parts");
        }

        return new MediaFile(full, TimeSpan.FromSeconds(seconds), streams.Any(s => Text(s, "codec_type") == "audio"));
    }

    // A browser's recorder writes WebM without a duration: the last packet's time is one pass over the file, without decoding.
    private static async Task<double> LastPacketAsync(string full, string path, TimeProvider time, CancellationToken ct)
    {
        var output = await ReadAsync(full, ["-select_streams", "v:0", "-show_entries", "packet=pts_time", "-of", "csv=p=0"], path, time, ct);
        return output.Split('\n').Select(line => Seconds(line.Trim().TrimEnd(',')) ?? 0).DefaultIfEmpty(0).Max();
    }

    private static async Task<string> ReadAsync(string full, IEnumerable<string> wanted, string path, TimeProvider time, CancellationToken ct)
    {
        const int maxChars = 64 * 1024 * 1024; // the packet times of the longest file at a camera's highest rate
        using var probe = MediaTool.Start("ffprobe", [.. MediaTool.InputOptions, .. wanted, "file:" + full]);
        using var reader = new StreamReader(probe.Output);
        var text = new System.Text.StringBuilder();
        var buffer = new char[16 * 1024];
        try
        {
            while (await reader.ReadAsync(buffer, ct).AsTask().WaitAsync(ProbeLimit, time, ct) is var read and > 0 && text.Length < maxChars)
            {
                text.Append(buffer, 0, read);
            }

            return await probe.EndAsync(ProbeLimit, time, ct) is { } problem && !text.ToString().Contains("codec_type", StringComparison.Ordinal)
                ? throw new AnalyseException($"{path} is no readable MP4 or WebM video ({problem}): convert it with ffmpeg, or export it again if it is damaged")
                : text.ToString();
        }
        catch (TimeoutException e)
        {
            throw new AnalyseException($"ffprobe did not answer within {ProbeLimit.TotalSeconds:0} s: {path} is damaged, export it again", e);
        }
    }

    private static string? Text(JsonElement element, string name) => element.TryGetProperty(name, out var value) ? value.GetString() : null;

    private static double? Seconds(string? text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && double.IsFinite(value) ? value : null;
}
