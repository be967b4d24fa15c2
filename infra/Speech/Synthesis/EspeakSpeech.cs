using System.Globalization;
using System.Text;
using StreamPlatform.Processes;
using StreamPlatform.Topology.Ports;

namespace StreamPlatform.Speech.Synthesis;

/// <summary>
/// espeak-ng as a child process: the text goes in by stdin, never by the command line, the file comes by stdout. Time, output and the number of processes
/// are bounded; one that overruns is killed.
/// </summary>
public sealed class EspeakSpeech(SynthesisOptions options, TimeProvider time) : ISpeechEngine, IDisposable
{
    private readonly SemaphoreSlim turns = new(options.MaxProcesses, options.MaxProcesses);

    public string Name => "espeak-ng";

    /// <summary>True when the program is there.</summary>
    public static bool IsInstalled(SynthesisOptions options) =>
        options.OfflineProgram.Length > 0
        && (options.OfflineProgram.Contains('/')
            ? File.Exists(options.OfflineProgram)
            : (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Any(folder => File.Exists(Path.Combine(folder, options.OfflineProgram))));

    public async Task<ReadOnlyMemory<byte>?> SpeakAsync(SpeechRequest request, CancellationToken cancellationToken)
    {
        using var waiting = new CancellationTokenSource(TimeSpan.FromMilliseconds(options.OfflineWaitMs), time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(waiting.Token, cancellationToken);
        try
        {
            await turns.WaitAsync(either.Token);
            try
            {
                return await RunAsync(request.Text, either.Token);
            }
            finally
            {
                turns.Release();
            }
        }
        catch (OperationCanceledException) when (waiting.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            return null;
        }
        catch (IOException)
        {
            // the program is missing, or it ended before it had read the text
            return null;
        }
    }

    public void Dispose() => turns.Dispose();

    private async Task<ReadOnlyMemory<byte>?> RunAsync(string text, CancellationToken cancellationToken)
    {
        using var process = BoundedProcess.Start(
            options.OfflineProgram,
            ["-v", options.OfflineVoice, "-s", options.OfflineWordsPerMinute.ToString(CultureInfo.InvariantCulture), "-b", "1", "--stdin", "--stdout"],
            ProcessLimits.None);
        var errors = process.Errors.CopyToAsync(Stream.Null, cancellationToken);
        var output = ReadAsync(process.Output, cancellationToken);
        await process.WriteAsync(Encoding.UTF8.GetBytes(text), cancellationToken);
        if (await output is not { } wav)
        {
            return null;
        }

        await errors;
        // not "? wav : null": a null array becomes an empty memory
        return await process.EndAsync(cancellationToken) == 0 && WavHeader.TryComplete(wav) ? new ReadOnlyMemory<byte>(wav) : default(ReadOnlyMemory<byte>?);
    }

    /// <summary>All of the output; null when it is longer than allowed.</summary>
    private async Task<byte[]?> ReadAsync(Stream output, CancellationToken cancellationToken)
    {
        using var wav = new MemoryStream();
        var buffer = new byte[64 * 1024];
        for (int read; (read = await output.ReadAsync(buffer, cancellationToken)) > 0;)
        {
            if (wav.Length + read > options.MaxWavBytes)
            {
                return null;
            }

            wav.Write(buffer, 0, read);
        }

        return wav.ToArray();
    }
}
