using System.Text;
using StreamPlatform.Topology.Ports;

namespace StreamPlatform.Resumes.Documents;

/// <summary>Text files: valid UTF-8 without the control characters that only binary files have.</summary>
internal static class PlainText
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    public static DocumentText Read(ReadOnlySpan<byte> content)
    {
        var bytes = content.StartsWith(Encoding.UTF8.Preamble) ? content[Encoding.UTF8.Preamble.Length..] : content;
        try
        {
            var text = Strict.GetString(bytes);
            return text.Any(c => char.IsControl(c) && c is not ('\n' or '\r' or '\t' or '\f' or '\u0085'))
                ? throw new UnreadableDocumentException("the document is neither PDF, DOCX nor text: it holds control characters")
                : new DocumentText("text", text, Cut: false);
        }
        catch (DecoderFallbackException e)
        {
            throw new UnreadableDocumentException($"the document is neither PDF, DOCX nor UTF-8 text: byte {e.Index} is not UTF-8", e);
        }
    }
}
