using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using StreamPlatform.Topology.Ports;

namespace StreamPlatform.Resumes.Documents;

/// <summary>
/// Text of a PDF by poppler's pdftotext, a child process of its own per document: PDF readers are where hostile files aim. It reads standard input, may write no file,
/// and is bounded in address space, processor time, open files, output and wall-clock time; it is killed at the first bound. Its environment is empty.
/// </summary>
internal sealed class PdfText : IDisposable
{
    private const int MaxErrorChars = 4_000;
    private const char PageEnd = '\f';

    private readonly DocumentOptions options;
    private readonly TimeProvider time;
    private readonly SemaphoreSlim atOnce;

    public PdfText(DocumentOptions options, TimeProvider time)
    {
        this.options = options;
        this.time = time;
        atOnce = new(options.PdfAtOnce);
    }

    public async Task<DocumentText> ReadAsync(ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        await atOnce.WaitAsync(cancellationToken);
        try
        {
            return await RunAsync(content, cancellationToken);
        }
        finally
        {
            atOnce.Release();
        }
    }

    public void Dispose() => atOnce.Dispose();

    private async Task<DocumentText> RunAsync(ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        using var process = Start();
        using var limit = new CancellationTokenSource(TimeSpan.FromMilliseconds(options.PdfTimeoutMs), time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            var output = ReadAtMostAsync(process.StandardOutput, options.MaxChars + options.MaxPages + 1, either.Token);
            var errors = ReadAtMostAsync(process.StandardError, MaxErrorChars, either.Token);
            await WriteAsync(process, content, either.Token);
            var (text, cut) = await output;
            if (cut)
            {
                return Pages(text, cut); // enough was read: what follows does not matter, so that neither does how it ends
            }

            var (error, _) = await errors;
            await process.WaitForExitAsync(either.Token);
            return process.ExitCode == 0 ? Pages(text, cut) : throw new UnreadableDocumentException(Explain(process.ExitCode, error));
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new UnreadableDocumentException($"the PDF could not be read within {options.PdfTimeoutMs} ms");
        }
        finally
        {
            End(process);
        }
    }

    private Process Start()
    {
        var start = new ProcessStartInfo("prlimit")
        {
            RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true,
            StandardOutputEncoding = Encoding.UTF8, StandardErrorEncoding = Encoding.UTF8, WorkingDirectory = "/",
        };
        var seconds = Math.Max(1, options.PdfTimeoutMs / 1000);
        foreach (var argument in new[]
        {
            Invariant($"--as={(long)options.PdfMemoryMiB * 1024 * 1024}"), Invariant($"--cpu={seconds}"), "--core=0", "--fsize=0", "--nofile=64",
            "pdftotext", "-enc", "UTF-8", "-eol", "unix", "-l", Invariant($"{options.MaxPages + 1}"), "-", "-",
        })
        {
            start.ArgumentList.Add(argument);
        }

        var path = start.Environment["PATH"];
        start.Environment.Clear();
        start.Environment["PATH"] = path;
        try
        {
            return Process.Start(start)!;
        }
        catch (Win32Exception e)
        {
            throw new UnreadableDocumentException("PDFs cannot be read here: install util-linux and poppler-utils", e);
        }
    }

    private static async Task WriteAsync(Process process, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        try
        {
            await process.StandardInput.BaseStream.WriteAsync(content, cancellationToken);
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // it ended before it had read all: its exit code and its output say why
        }
    }

    private static async Task<(string Text, bool Cut)> ReadAtMostAsync(StreamReader reader, int maxChars, CancellationToken cancellationToken)
    {
        var text = new StringBuilder();
        var buffer = new char[4096];
        while (text.Length <= maxChars)
        {
            var read = await reader.ReadAsync(buffer, cancellationToken);
            if (read == 0)
            {
                return (text.ToString(), false);
            }

            text.Append(buffer, 0, read);
        }

        return (text.ToString(0, maxChars), true);
    }

    /// <summary>Every page ends with a form feed; one page more than is kept was asked for, to see whether there is one.</summary>
    private DocumentText Pages(string text, bool cut)
    {
        var pages = text.Split(PageEnd);
        var kept = string.Join('\n', pages.Take(options.MaxPages));
        return new DocumentText("pdf", kept, cut || pages.Length > options.MaxPages + 1);
    }

    private string Explain(int exitCode, string error) => error switch
    {
        _ when error.Contains("password", StringComparison.OrdinalIgnoreCase) => "the PDF is encrypted: save it without a password",
        _ when exitCode == 3 => "the PDF does not permit its text to be read: save it without restrictions",
        _ when exitCode == 127 => "PDFs cannot be read here: install poppler-utils",
        _ when exitCode > 127 || error.Contains("memory", StringComparison.OrdinalIgnoreCase) =>
            $"the PDF needs more than {options.PdfMemoryMiB} MiB or {Math.Max(1, options.PdfTimeoutMs / 1000)} s to be read",
        _ => "the PDF is damaged or cut off",
    };

    private static void End(Process process)
    {
        try
        {
            process.Kill(entireProcessTree: true);
        }
        catch (InvalidOperationException)
        {
            // it has ended
        }
    }

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
