using StreamPlatform.Topology.Ports;

namespace StreamPlatform.Resumes.Documents;

/// <summary>Sees what a document is by its first bytes and reads it; every bound is in <see cref="DocumentOptions"/>.</summary>
public sealed class DocumentReader : IDocumentReader
{
    private readonly DocumentOptions options;
    private readonly PdfText pdf;

    public DocumentReader(DocumentOptions options, TimeProvider time)
    {
        options.Validate();
        this.options = options;
        pdf = new PdfText(options, time);
    }

    public async Task<DocumentText> ReadAsync(ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        if (content.Length == 0 || content.Length > options.MaxBytes)
        {
            throw new UnreadableDocumentException(content.Length == 0 ? "the document is empty" : $"the document has {content.Length} bytes; at most {options.MaxBytes} are read");
        }

        var read = KindOf(content.Span) switch
        {
            Kind.Pdf => await pdf.ReadAsync(content, cancellationToken),
            Kind.Zip => DocxText.Read(content, options),
            Kind.OldOffice => throw new UnreadableDocumentException("this is an old (.doc) or password-protected Office file: save it as DOCX without a password, or as PDF"),
            _ => PlainText.Read(content.Span),
        };
        return Bounded(read);
    }

    private DocumentText Bounded(DocumentText read)
    {
        var text = read.Text.Trim();
        if (!text.Any(char.IsLetterOrDigit))
        {
            throw new UnreadableDocumentException(read.Kind == "pdf"
                ? "the PDF holds no text: a scan or a picture cannot be read, upload a PDF with text in it"
                : "the document holds no text");
        }

        if (text.Length <= options.MaxChars)
        {
            return read with { Text = text };
        }

        var end = char.IsHighSurrogate(text[options.MaxChars - 1]) ? options.MaxChars - 1 : options.MaxChars;
        return read with { Text = text[..end], Cut = true };
    }

    private enum Kind { Text, Pdf, Zip, OldOffice }

    // PDF readers accept the header anywhere in the first 1,024 bytes (ISO 32000, annex H).
    private static Kind KindOf(ReadOnlySpan<byte> content) =>
        content.StartsWith("PK\u0003\u0004"u8) ? Kind.Zip
        : content.StartsWith((ReadOnlySpan<byte>)[0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1]) ? Kind.OldOffice
        : content[..Math.Min(content.Length, 1024)].IndexOf("%PDF-"u8) >= 0 ? Kind.Pdf
        : Kind.Text;
}
