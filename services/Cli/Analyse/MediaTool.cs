using System.Diagnostics;
using System.Text;

namespace StreamPlatform.Cli.Analyse;

/// <summary>
/// One ffmpeg or ffprobe on a file of unknown origin: files and pipes only, two container formats, bounded memory, no terminal, no environment but PATH. Ends with its reader.
/// </summary>
internal sealed class MediaTool : IDisposable
{
    /// <summary>Address space of one child, bytes.</summary>
    private const long MaxAddressSpace = 2L * 1024 * 1024 * 1024;

    /// <summary>Processor time of one child, seconds: two hours of 1080p need a fraction of it.</summary>
    private const int MaxCpuSeconds = 4 * 3600;

    private const int MaxErrorBytes = 4096;
    private readonly Process process;
    private readonly Task<string> errors;
    private readonly string name;

    private MediaTool(string name, Process process)
    {
        this.name = name;
        this.process = process;
        errors = FirstErrorsAsync(process.StandardError.BaseStream);
    }

    /// <summary>What the child writes; reading slowly slows it.</summary>
    public Stream Output => process.StandardOutput.BaseStream;

    /// <summary>Options that both programs take before the input: the formats are the two that are promised, so a playlist that names other files is not read.</summary>
    public static IReadOnlyList<string> InputOptions { get; } =
        ["-hide_banner", "-loglevel", "error", "-protocol_whitelist", "file,pipe", "-format_whitelist", "mov,matroska", "-max_pixels", "35389440"];

    /// <exception cref="AnalyseException">The program is not installed.</exception>
    public static MediaTool Start(string name, IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo("prlimit") { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true };
        foreach (var argument in (string[])[$"--as={MaxAddressSpace}", $"--cpu={MaxCpuSeconds}", "--", name, .. arguments])
        {
            start.ArgumentList.Add(argument);
        }

        var path = Environment.GetEnvironmentVariable("PATH");
        start.Environment.Clear();
        start.Environment["PATH"] = path;
        try
        {
            var process = Process.Start(start)!;
            process.StandardInput.Close();
            return new MediaTool(name, process);
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            throw new AnalyseException("prlimit cannot be started: install Debian's util-linux", e);
        }
    }

    /// <summary>Waits for the end and says how it went.</summary>
    /// <returns>Null after success, else what the child said, one line.</returns>
    /// <exception cref="AnalyseException">The program is not installed.</exception>
    public async Task<string?> EndAsync(TimeSpan limit, TimeProvider time, CancellationToken ct)
    {
        await process.WaitForExitAsync(ct).WaitAsync(limit, time, ct);
        var said = await errors;
        return process.ExitCode switch
        {
            0 => said.Length == 0 ? null : said,
            127 => throw new AnalyseException($"{name} is not installed: install Debian's ffmpeg (./streamplatform does)"),
            var code => said.Length == 0 ? $"{name} ended with code {code}" : said,
        };
    }

    public void Dispose()
    {
        try
        {
            process.Kill(entireProcessTree: true);
        }
        catch (InvalidOperationException)
        {
            // it has ended
        }

        process.Dispose();
    }

    private static async Task<string> FirstErrorsAsync(Stream stream)
    {
        var kept = new byte[MaxErrorBytes];
        var scratch = new byte[MaxErrorBytes];
        var length = 0;
        try
        {
            while (await stream.ReadAsync(scratch) is var read and > 0)
            {
                var take = Math.Min(read, kept.Length - length);
                scratch.AsSpan(0, take).CopyTo(kept.AsSpan(length));
                length += take;
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or InvalidOperationException)
        {
            // killed: what it said so far is enough
        }

        var text = Encoding.UTF8.GetString(kept, 0, length).Trim();
        return string.Concat(text.Select(c => char.IsControl(c) ? ' ' : c));
    }
}
