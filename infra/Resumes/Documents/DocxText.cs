using System.IO.Compression;
using System.Text;
using System.Xml;
using StreamPlatform.Topology.Ports;

namespace StreamPlatform.Resumes.Documents;

/// <summary>
/// Text of a DOCX' main part (ECMA-376, word/document.xml): paragraphs, table cells, tabs and line breaks. Headers, footers, comments and deleted text are left out.
/// Nothing else of the archive is unpacked, nothing is written, no DTD and no other resource is read.
/// </summary>
internal static class DocxText
{
    private const string MainPart = "word/document.xml";

    // Transitional and strict documents (ECMA-376 part 4 and part 1).
    private static readonly HashSet<string> Word =
        ["http://schemas.openxmlformats.org/wordprocessingml/2006/main", "http://purl.oclc.org/ooxml/wordprocessingml/main"];

    private const string Compatibility = "http://schemas.openxmlformats.org/markup-compatibility/2006";

    public static DocumentText Read(ReadOnlyMemory<byte> content, DocumentOptions options)
    {
        try
        {
            using var archive = new ZipArchive(new MemoryStream(content.ToArray(), writable: false), ZipArchiveMode.Read);
            using var part = new BoundedStream(MainOf(archive, options).Open(), options.MaxUnpackedBytes);
            using var reader = XmlReader.Create(part, new XmlReaderSettings
            {
                DtdProcessing = DtdProcessing.Prohibit, XmlResolver = null, MaxCharactersInDocument = options.MaxUnpackedBytes, MaxCharactersFromEntities = 1024, CloseInput = true,
            });
            return Text(reader, options.MaxChars);
        }
        catch (Exception e) when (e is InvalidDataException or XmlException or EndOfStreamException or NotSupportedException)
        {
            throw new UnreadableDocumentException(e is XmlException { Message: var message } && message.Contains("DTD", StringComparison.Ordinal)
                ? "the DOCX holds a DTD, which no word processor writes: it is not read"
                : $"the DOCX is damaged: {e.Message}", e);
        }
    }

    private static ZipArchiveEntry MainOf(ZipArchive archive, DocumentOptions options)
    {
        if (archive.Entries.Count > options.MaxEntries)
        {
            throw new UnreadableDocumentException($"the DOCX holds {archive.Entries.Count} files; at most {options.MaxEntries} are accepted");
        }

        var parts = archive.Entries.Where(e => e.FullName == MainPart).ToList();
        if (parts.Count != 1)
        {
            throw new UnreadableDocumentException(parts.Count == 0 ? "this archive is no DOCX: it has no word/document.xml" : "the DOCX holds its main part twice");
        }

        var part = parts[0];
        if (part.IsEncrypted)
        {
            throw new UnreadableDocumentException("the DOCX is encrypted: save it without a password");
        }

        // The sizes in the archive may lie: the stream is counted, too.
        return part.Length > options.MaxUnpackedBytes || part.Length > (long)options.MaxRatio * Math.Max(1, part.CompressedLength)
            ? throw new UnreadableDocumentException($"the DOCX unpacks to {part.Length} bytes from {part.CompressedLength}; at most {options.MaxUnpackedBytes} and {options.MaxRatio} times are read")
            : part;
    }

    private static DocumentText Text(XmlReader reader, int maxChars)
    {
        var text = new StringBuilder();
        var more = reader.Read();
        while (more && text.Length <= maxChars)
        {
            if (reader.NodeType == XmlNodeType.Element && reader.LocalName == "Fallback" && reader.NamespaceURI == Compatibility)
            {
                reader.Skip(); // the same content again, for older readers
                more = !reader.EOF;
                continue;
            }

            if (Word.Contains(reader.NamespaceURI))
            {
                if (reader.NodeType == XmlNodeType.Element && reader.LocalName == "t")
                {
                    text.Append(Printable(reader.ReadElementContentAsString())); // goes past the element's end
                    more = !reader.EOF;
                    continue;
                }

                text.Append(Mark(reader));
            }

            more = reader.Read();
        }

        return new DocumentText("docx", text.ToString(), Cut: text.Length > maxChars);
    }

    private static string Mark(XmlReader reader) => (reader.NodeType, reader.LocalName) switch
    {
        (XmlNodeType.Element, "tab") => "\t",
        (XmlNodeType.Element, "br" or "cr") => "\n",
        (XmlNodeType.EndElement, "p") => "\n",
        (XmlNodeType.EndElement, "tc") => "\t",
        _ => "",
    };

    private static string Printable(string value) => value.Any(char.IsControl) ? new string([.. value.Select(c => char.IsControl(c) ? ' ' : c)]) : value;

    /// <summary>Ends with an error where a stream is longer than its bound.</summary>
    private sealed class BoundedStream(Stream inner, long bound) : Stream
    {
        private readonly long bound = bound;
        private long read;

        public override bool CanRead => true;
        public override bool CanSeek => false;
        public override bool CanWrite => false;
        public override long Length => throw new NotSupportedException();
        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override int Read(byte[] buffer, int offset, int count)
        {
            var got = inner.Read(buffer, offset, count);
            read += got;
            return read > bound ? throw new InvalidDataException($"its main part unpacks to more than {bound} bytes") : got;
        }

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
        public override void SetLength(long value) => throw new NotSupportedException();
        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
            if (disposing)
            {
                inner.Dispose();
            }

            base.Dispose(disposing);
        }
    }
}
