using System.Text;
using StreamPlatform.Processes;

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
    private readonly BoundedProcess process;
    private readonly Task<(byte[] Bytes, bool Cut)> errors;
    private readonly string name;

    private MediaTool(string name, BoundedProcess process)
    {
        this.name = name;
        this.process = process;
        errors = BoundedProcess.ReadFirstAsync(process.Errors, MaxErrorBytes, CancellationToken.None);
    }

    /// <summary>What the child writes; reading slowly slows it.</summary>
    public Stream Output => process.Output;

    /// <summary>Options that both programs take before the input: the formats are the two that are promised, so a playlist that names other files is not read.</summary>
    public static IReadOnlyList<string> InputOptions { get; } =
        ["-hide_banner", "-loglevel", "error", "-protocol_whitelist", "file,pipe", "-format_whitelist", "mov,matroska", "-max_pixels", "35389440"];

    /// <exception cref="AnalyseException">The program is not installed.</exception>
    public static MediaTool Start(string name, IEnumerable<string> arguments)
    {
        try
        {
            var process = BoundedProcess.Start(name, arguments, new() { AddressSpaceBytes = MaxAddressSpace, CpuSeconds = MaxCpuSeconds, OnlyPath = true });
            process.Input.Close();
            return new MediaTool(name, process);
        }
        catch (ProcessStartException e)
        {
            throw new AnalyseException("prlimit cannot be started: install Debian's util-linux", e);
        }
    }

    /// <summary>Waits for the end and says how it went.</summary>
    /// <returns>Null after success, else what the child said, one line.</returns>
    /// <exception cref="AnalyseException">The program is not installed.</exception>
    public async Task<string?> EndAsync(TimeSpan limit, TimeProvider time, CancellationToken ct)
    {
        var exit = await process.EndAsync(ct).WaitAsync(limit, time, ct);
        var said = OneLine((await errors).Bytes);
        return exit switch
        {
            0 => said.Length == 0 ? null : said,
            BoundedProcess.NotInstalled => throw new AnalyseException($"{name} is not installed: install Debian's ffmpeg (./streamplatform does)"),
            var code => said.Length == 0 ? $"{name} ended with code {code}" : said,
        };
    }

    public void Dispose() => process.Dispose();

    private static string OneLine(byte[] said) => string.Concat(Encoding.UTF8.GetString(said).Trim().Select(c => char.IsControl(c) ? ' ' : c));
}
