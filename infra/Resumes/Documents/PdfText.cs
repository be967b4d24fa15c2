using System.Globalization;
using System.Text;
using StreamPlatform.Processes;
using StreamPlatform.Topology.Ports;

namespace StreamPlatform.Resumes.Documents;

/// <summary>
/// Text of a PDF by poppler's pdftotext, a child process of its own per document: PDF readers are where hostile files aim. It reads standard input, may write no file,
/// and is bounded in address space, processor time, open files, output and wall-clock time; it is killed at the first bound. Its environment is empty.
/// </summary>
internal sealed class PdfText : IDisposable
{
    private const int MaxErrorBytes = 4_000;
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
            var output = ReadAtMostAsync(process.Output, options.MaxChars + options.MaxPages + 1, either.Token);
            var errors = BoundedProcess.ReadFirstAsync(process.Errors, MaxErrorBytes, either.Token);
            await process.WriteAsync(content, either.Token);
            var (text, cut) = await output;
            if (cut)
            {
                return Pages(text, cut); // enough was read: what follows does not matter, so that neither does how it ends
            }

            var said = Encoding.UTF8.GetString((await errors).Bytes);
            var exit = await process.EndAsync(either.Token);
            return exit == 0 ? Pages(text, cut) : throw new UnreadableDocumentException(Explain(exit, said));
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new UnreadableDocumentException($"the PDF could not be read within {options.PdfTimeoutMs} ms");
        }
    }

    private BoundedProcess Start()
    {
        var limits = new ProcessLimits
        {
            AddressSpaceBytes = options.PdfMemoryMiB * 1024L * 1024, CpuSeconds = Math.Max(1, options.PdfTimeoutMs / 1000), OpenFiles = 64, NoFiles = true, OnlyPath = true,
        };
        try
        {
            return BoundedProcess.Start("pdftotext", ["-enc", "UTF-8", "-eol", "unix", "-l", (options.MaxPages + 1).ToString(CultureInfo.InvariantCulture), "-", "-"], limits);
        }
        catch (ProcessStartException e)
        {
            throw new UnreadableDocumentException("PDFs cannot be read here: install util-linux and poppler-utils", e);
        }
    }

    private static async Task<(string Text, bool Cut)> ReadAtMostAsync(Stream stream, int maxChars, CancellationToken cancellationToken)
    {
        using var reader = new StreamReader(stream, Encoding.UTF8);
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
        _ when exitCode == BoundedProcess.NotInstalled => "PDFs cannot be read here: install poppler-utils",
        _ when exitCode > 127 || error.Contains("memory", StringComparison.OrdinalIgnoreCase) =>
            $"the PDF needs more than {options.PdfMemoryMiB} MiB or {Math.Max(1, options.PdfTimeoutMs / 1000)} s to be read",
        _ => "the PDF is damaged or cut off",
    };
}
