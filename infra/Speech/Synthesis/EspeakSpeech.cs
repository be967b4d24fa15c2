using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Text;
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
        catch (Exception error) when (error is Win32Exception or IOException)
        {
            // the program is missing, or it ended before it had read the text
            return null;
        }
    }

    public void Dispose() => turns.Dispose();

    private async Task<ReadOnlyMemory<byte>?> RunAsync(string text, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo(options.OfflineProgram)
        {
            RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = "/",
            StandardInputEncoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false),
            ArgumentList =
            {
                "-v", options.OfflineVoice, "-s", options.OfflineWordsPerMinute.ToString(CultureInfo.InvariantCulture), "-b", "1", "--stdin", "--stdout",
            },
        };
        using var process = new Process { StartInfo = start };
        process.Start();
        try
        {
            var errors = process.StandardError.BaseStream.CopyToAsync(Stream.Null, cancellationToken);
            var output = ReadAsync(process.StandardOutput.BaseStream, cancellationToken);
            await process.StandardInput.WriteAsync(text.AsMemory(), cancellationToken);
            process.StandardInput.Close();
            var wav = await output;
            if (wav is not null)
            {
                await errors;
                await process.WaitForExitAsync(cancellationToken);
            }

            // not "? wav : null": a null array becomes an empty memory
            return wav is not null && process.ExitCode == 0 && WavHeader.TryComplete(wav) ? new ReadOnlyMemory<byte>(wav) : default(ReadOnlyMemory<byte>?);
        }
        finally
        {
            Kill(process);
        }
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

    private static void Kill(Process process)
    {
        try
        {
            process.Kill(entireProcessTree: true);
        }
        catch (Exception error) when (error is InvalidOperationException or Win32Exception)
        {
            // it has ended by itself
        }
    }
}
