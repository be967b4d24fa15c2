using System.IO.Compression;
using System.Text;

namespace StreamPlatform.Tests.Unit.Resumes;

/// <summary>Small documents of every kind, honest and hostile.</summary>
internal static class TestDocuments
{
    private const string WordNamespace = "http://schemas.openxmlformats.org/wordprocessingml/2006/main";

    /// <summary>A PDF of equal pages with these lines.</summary>
    /// <param name="trailer">More entries of the trailer.</param>
    /// <param name="flate">Each page's content, packed by deflate instead of the lines.</param>
    public static byte[] Pdf(string[] lines, int pages = 1, string trailer = "", byte[]? flate = null)
    {
        List<byte[]> objects = [[], [], Encoding.ASCII.GetBytes("<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>")];
        var text = Encoding.Latin1.GetBytes("BT /F1 12 Tf 50 750 Td 14 TL\n" + string.Concat(lines.Select(l => $"({l}) Tj T*\n")) + "ET");
        var content = flate ?? text;
        objects.Add([.. Encoding.ASCII.GetBytes($"<< /Length {content.Length}{(flate is null ? "" : " /Filter /FlateDecode")} >>\nstream\n"), .. content, .. "\nendstream"u8]);
        var kids = new StringBuilder();
        for (var page = 0; page < pages; page++)
        {
            objects.Add(Encoding.ASCII.GetBytes("<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R /Resources << /Font << /F1 3 0 R >> >> >>"));
            kids.Append($"{objects.Count} 0 R ");
        }

        objects[0] = "<< /Type /Catalog /Pages 2 0 R >>"u8.ToArray();
        objects[1] = Encoding.ASCII.GetBytes($"<< /Type /Pages /Kids [{kids}] /Count {pages} >>");
        var pdf = new MemoryStream();
        pdf.Write("%PDF-1.4\n"u8);
        List<long> offsets = [];
        for (var i = 0; i < objects.Count; i++)
        {
            offsets.Add(pdf.Length);
            pdf.Write(Encoding.ASCII.GetBytes($"{i + 1} 0 obj\n"));
            pdf.Write(objects[i]);
            pdf.Write("\nendobj\n"u8);
        }

        var start = pdf.Length;
        pdf.Write(Encoding.ASCII.GetBytes($"xref\n0 {objects.Count + 1}\n0000000000 65535 f \n" + string.Concat(offsets.Select(o => $"{o:D10} 00000 n \n"))));
        pdf.Write(Encoding.ASCII.GetBytes($"trailer << /Size {objects.Count + 1} /Root 1 0 R {trailer} >>\nstartxref\n{start}\n%%EOF\n"));
        return pdf.ToArray();
    }

    /// <summary>A PDF that asks for a password.</summary>
    public static byte[] EncryptedPdf()
    {
        var random = string.Concat(Enumerable.Range(0, 32).Select(i => $"{(i * 37) + 11 & 0xFF:X2}"));
        return Pdf(["secret"], trailer: $"/ID [<00112233445566778899AABBCCDDEEFF> <00112233445566778899AABBCCDDEEFF>] /Encrypt << /Filter /Standard /V 1 /R 2 /O <{random}> /U <{random}> /P -44 >>");
    }

    /// <summary>Bytes as zlib packs them.</summary>
    public static byte[] Deflate(Action<Stream> write)
    {
        var packed = new MemoryStream();
        using (var zlib = new ZLibStream(packed, CompressionLevel.Optimal, leaveOpen: true))
        {
            write(zlib);
        }

        return packed.ToArray();
    }

    /// <summary>A DOCX whose main part is this body.</summary>
    public static byte[] Docx(string body, string prologue = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>") =>
        Zip(("[Content_Types].xml", "<Types/>"), ("word/document.xml",
            $"{prologue}<w:document xmlns:w=\"{WordNamespace}\" xmlns:mc=\"http://schemas.openxmlformats.org/markup-compatibility/2006\"><w:body>{body}</w:body></w:document>"));

    public static string Paragraph(string text) => $"<w:p><w:r><w:t xml:space=\"preserve\">{text}</w:t></w:r></w:p>";

    public static byte[] Zip(params (string Name, string Content)[] entries) =>
        Zip([.. entries.Select(e => (e.Name, (Action<Stream>)(s => s.Write(Encoding.UTF8.GetBytes(e.Content)))))]);

    public static byte[] Zip(params (string Name, Action<Stream> Write)[] entries)
    {
        var zip = new MemoryStream();
        using (var archive = new ZipArchive(zip, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (var (name, write) in entries)
            {
                using var entry = archive.CreateEntry(name, CompressionLevel.Optimal).Open();
                write(entry);
            }
        }

        return zip.ToArray();
    }

    /// <summary>Writes the same bytes again and again.</summary>
    public static void Repeat(Stream to, string piece, int times)
    {
        var bytes = Encoding.UTF8.GetBytes(piece);
        for (var i = 0; i < times; i++)
        {
            to.Write(bytes);
        }
    }
}
