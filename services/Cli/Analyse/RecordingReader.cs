using System.Globalization;

namespace StreamPlatform.Cli.Analyse;

/// <summary>
/// The frames of a file as JPEG and its sound as PCM16 mono 16 kHz, in the order of time. ffmpeg runs ahead by no more than a pipe's buffer.
/// </summary>
internal sealed class RecordingReader : IDisposable
{
    /// <summary>Bytes of half a second of sound.</summary>
    public const int AudioChunkBytes = 16_000;

    private const int MaxJpegBytes = 512 * 1024;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private readonly MediaFile file;
    private readonly double framesPerSecond;
    private readonly TimeProvider time;
    private readonly MediaTool video;
    private readonly MediaTool? audio;
    private readonly JpegSplitter jpegs;

    public RecordingReader(MediaFile file, double framesPerSecond, bool withAudio, TimeProvider time)
    {
        this.file = file;
        this.framesPerSecond = framesPerSecond;
        this.time = time;
        // Limited, or the duration that a hostile file states would not bound what it gives.
        var limit = Number(AnalyseOptions.MaxDuration.TotalSeconds + 1);
        string[] input = ["-nostdin", .. MediaTool.InputOptions, "-xerror", "-threads", "1", "-i", "file:" + file.Path, "-t", limit];
        var filters = $"setpts=PTS-STARTPTS,fps={Number(framesPerSecond)},scale=w='min(960,iw)':h=-2";
        video = MediaTool.Start("ffmpeg", [.. input, "-map", "0:v:0", "-an", "-sn", "-dn", "-vf", filters, "-c:v", "mjpeg", "-pix_fmt", "yuvj420p", "-q:v", "3", "-f", "image2pipe", "pipe:1"]);
        audio = withAudio ? MediaTool.Start("ffmpeg", [.. input, "-map", "0:a:0", "-vn", "-sn", "-dn", "-ac", "1", "-ar", "16000", "-f", "s16le", "pipe:1"]) : null;
        jpegs = new JpegSplitter(video.Output, MaxJpegBytes);
    }

    /// <summary>Frames read so far.</summary>
    public int Frames { get; private set; }

    /// <summary>Position of the next frame.</summary>
    public TimeSpan NextFrameAt => TimeSpan.FromSeconds(Frames / framesPerSecond);

    /// <summary>The next frame; null after the last.</summary>
    /// <exception cref="AnalyseException">The file is damaged.</exception>
    public async Task<byte[]?> NextFrameAsync(CancellationToken ct)
    {
        try
        {
            var jpeg = await jpegs.NextAsync(ct).AsTask().WaitAsync(Patience, time, ct);
            if (jpeg is not null)
            {
                Frames++;
                return jpeg;
            }

            await CheckEndAsync(ct);
            return null;
        }
        catch (Exception e) when (e is InvalidDataException or TimeoutException)
        {
            throw Damaged(e.Message, e);
        }
    }

    /// <summary>The next half second of sound, shorter at the end; empty after it.</summary>
    /// <exception cref="AnalyseException">The track cannot be decoded.</exception>
    public async Task<ReadOnlyMemory<byte>> NextSoundAsync(CancellationToken ct)
    {
        if (audio is null)
        {
            return ReadOnlyMemory<byte>.Empty;
        }

        var chunk = new byte[AudioChunkBytes];
        try
        {
            var read = await audio.Output.ReadAtLeastAsync(chunk, chunk.Length, throwOnEndOfStream: false, ct).AsTask().WaitAsync(Patience, time, ct);
            return chunk.AsMemory(0, read & ~1);
        }
        catch (TimeoutException e)
        {
            throw Damaged("its sound could not be read", e);
        }
    }

    public void Dispose()
    {
        video.Dispose();
        audio?.Dispose();
    }

    private async Task CheckEndAsync(CancellationToken ct)
    {
        if (await video.EndAsync(Patience, time, ct) is { } problem)
        {
            throw Damaged(problem);
        }

        // A container cut short ends without an error.
        var missing = file.Duration - NextFrameAt;
        if (Frames == 0 || missing > TimeSpan.FromSeconds(2 + (2 / framesPerSecond)) + (0.02 * file.Duration))
        {
            throw Damaged("the picture ends there");
        }
    }

    private AnalyseException Damaged(string problem, Exception? inner = null) =>
        new($"{file.Path} is damaged at {NextFrameAt:h\\:mm\\:ss} of {file.Duration:h\\:mm\\:ss} ({problem}): export it again", inner);

    private static string Number(double value) => value.ToString("0.######", CultureInfo.InvariantCulture);
}
