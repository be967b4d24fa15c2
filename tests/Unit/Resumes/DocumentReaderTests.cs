using System.Text;
using StreamPlatform.Resumes.Documents;

namespace StreamPlatform.Tests.Unit.Resumes;

/// <summary>What is read of honest documents, and that hostile ones end as an error that says what to do, within bounds.</summary>
public sealed class DocumentReaderTests
{
    private static readonly DocumentOptions Small = new() { MaxPages = 3, PdfTimeoutMs = 5_000, PdfMemoryMiB = 256 };

    private static Task<DocumentText> ReadAsync(byte[] content, DocumentOptions? options = null) =>
        new DocumentReader(options ?? new(), TimeProvider.System).ReadAsync(content, TestContext.Current.CancellationToken);

    private static async Task<string> RefusedAsync(byte[] content, DocumentOptions? options = null) =>
        (await Assert.ThrowsAsync<UnreadableDocumentException>(() => ReadAsync(content, options))).Message;

    [Fact]
    public async Task A_pdf_gives_its_lines()
    {
        SkipWithoutPdf();
        var read = await ReadAsync(TestDocuments.Pdf(["Jane Example", "Ten years of Kafka"]));
        Assert.Equal(("pdf", false), (read.Kind, read.Cut));
        Assert.Equal("Jane Example\nTen years of Kafka", read.Text);
    }

    [Fact]
    public async Task Of_a_long_pdf_the_first_pages_are_read_and_the_cut_is_said()
    {
        SkipWithoutPdf();
        Assert.False((await ReadAsync(TestDocuments.Pdf(["page"], pages: 3), Small)).Cut);
        var read = await ReadAsync(TestDocuments.Pdf(["page"], pages: 500), Small);
        Assert.True(read.Cut);
        Assert.Equal(3, read.Text.Split("page").Length - 1);
    }

    [Fact]
    public async Task A_pdf_that_writes_without_end_is_stopped_at_the_bound_of_text()
    {
        SkipWithoutPdf();
        var line = new string('x', 90);
        var read = await ReadAsync(TestDocuments.Pdf([.. Enumerable.Repeat(line, 20_000)]), new DocumentOptions { MaxChars = 2_000 });
        Assert.True(read.Cut);
        Assert.InRange(read.Text.Length, 1, 2_000);
    }

    [Fact]
    public async Task A_pdf_cut_off_a_scan_and_an_encrypted_one_are_told_apart()
    {
        SkipWithoutPdf();
        var whole = TestDocuments.Pdf(["Jane Example"]);
        Assert.Equal("the PDF is damaged or cut off", await RefusedAsync(whole[..120]));
        Assert.Contains("a scan or a picture cannot be read", await RefusedAsync(TestDocuments.Pdf([])), StringComparison.Ordinal);
        Assert.Contains("encrypted", await RefusedAsync(TestDocuments.EncryptedPdf()), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_pdf_that_unpacks_beyond_its_memory_ends_within_its_time_and_memory()
    {
        SkipWithoutPdf();
        var bomb = TestDocuments.Pdf([], flate: TestDocuments.Deflate(s => TestDocuments.Repeat(s, new string('(', 1 << 20), 600))); // an open bracket: one string of 600 MiB
        Assert.InRange(bomb.Length, 1, 5 * 1024 * 1024);
        var started = TimeProvider.System.GetTimestamp();
        await RefusedAsync(bomb, new DocumentOptions { PdfTimeoutMs = 5_000, PdfMemoryMiB = 256 });
        Assert.InRange(TimeProvider.System.GetElapsedTime(started), TimeSpan.Zero, TimeSpan.FromSeconds(20));
    }

    [Fact]
    public async Task A_docx_gives_paragraphs_cells_and_breaks_but_no_deleted_text_and_no_field_codes()
    {
        var read = await ReadAsync(TestDocuments.Docx(
            TestDocuments.Paragraph("Jane Example")
            + "<w:tbl><w:tr><w:tc><w:p><w:r><w:t>2019</w:t></w:r></w:p></w:tc><w:tc><w:p><w:r><w:t>Kafka &amp; C#</w:t></w:r></w:p></w:tc></w:tr></w:tbl>"
            + "<w:p><w:r><w:t>one</w:t><w:br/><w:t>two</w:t><w:tab/><w:t>three</w:t><w:delText>gone</w:delText><w:instrText>HYPERLINK</w:instrText></w:r></w:p>"
            + "<w:p><mc:AlternateContent><mc:Choice><w:r><w:t>box</w:t></w:r></mc:Choice><mc:Fallback><w:r><w:t>box</w:t></w:r></mc:Fallback></mc:AlternateContent></w:p>"));
        Assert.Equal("docx", read.Kind);
        Assert.Equal(["Jane Example", "2019", "Kafka & C#", "one", "two", "three", "box"], read.Text.Split(['\n', '\t'], StringSplitOptions.RemoveEmptyEntries));
    }

    [Fact]
    public async Task A_zip_bomb_is_refused_by_its_declared_and_by_its_true_size()
    {
        var bomb = TestDocuments.Zip(("word/document.xml", s => TestDocuments.Repeat(s, new string(' ', 1 << 20), 200)));
        Assert.InRange(bomb.Length, 1, 1 << 20);
        Assert.Contains("unpacks to", await RefusedAsync(bomb), StringComparison.Ordinal);

        // the sizes in both headers say: small
        foreach (var at in Offsets(bomb, "PK\u0001\u0002"u8.ToArray()).Select(o => o + 24).Concat(Offsets(bomb, "PK\u0003\u0004"u8.ToArray()).Select(o => o + 22)))
        {
            BitConverter.TryWriteBytes(bomb.AsSpan(at), 1000u);
        }

        await RefusedAsync(bomb);
    }

    [Fact]
    public async Task A_docx_with_a_dtd_reads_no_file_and_expands_no_entity()
    {
        var secret = Path.GetTempFileName();
        await File.WriteAllTextAsync(secret, "top secret", TestContext.Current.CancellationToken);
        try
        {
            Assert.Contains("DTD", await RefusedAsync(TestDocuments.Docx(TestDocuments.Paragraph("&leak;"), $"<!DOCTYPE w [<!ENTITY leak SYSTEM \"file://{secret}\">]>")), StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(secret);
        }

        var laughs = string.Concat(Enumerable.Range(1, 9).Select(i => $"<!ENTITY l{i} \"{string.Concat(Enumerable.Repeat($"&l{i - 1};", 10))}\">"));
        Assert.Contains("DTD", await RefusedAsync(TestDocuments.Docx(TestDocuments.Paragraph("&l9;"), $"<!DOCTYPE w [<!ENTITY l0 \"ha\">{laughs}]>")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Archives_that_are_no_docx_are_named()
    {
        Assert.Contains("no word/document.xml", await RefusedAsync(TestDocuments.Zip(("../../etc/passwd", "root"))), StringComparison.Ordinal);
        Assert.Contains("at most 1000", await RefusedAsync(TestDocuments.Zip([.. Enumerable.Range(0, 1_001).Select(i => ($"f{i}", ""))])), StringComparison.Ordinal);
        Assert.Contains("twice", await RefusedAsync(TestDocuments.Zip(("word/document.xml", "<a/>"), ("word/document.xml", "<b/>"))), StringComparison.Ordinal);
        Assert.Contains("damaged", await RefusedAsync(TestDocuments.Docx("<w:p><w:r><w:t>open")), StringComparison.Ordinal);
        Assert.Contains("damaged", await RefusedAsync(TestDocuments.Docx(TestDocuments.Paragraph("whole"))[..60]), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Whatever_byte_of_a_docx_is_damaged_it_is_read_or_refused()
    {
        var whole = TestDocuments.Docx(TestDocuments.Paragraph("Jane Example"));
        for (var at = 0; at < whole.Length; at++)
        {
            var damaged = (byte[])whole.Clone();
            damaged[at] ^= 0xFF;
            try
            {
                await ReadAsync(damaged);
            }
            catch (UnreadableDocumentException)
            {
            }
        }
    }

    [Fact]
    public async Task Text_is_strict_utf8()
    {
        Assert.Equal("Zoë – Kafka", (await ReadAsync([.. Encoding.UTF8.Preamble, .. Encoding.UTF8.GetBytes(" Zoë – Kafka\n")])).Text);
        Assert.Contains("is not UTF-8", await RefusedAsync([.. "abc"u8, 0xFF, 0xFE]), StringComparison.Ordinal);
        Assert.Contains("control characters", await RefusedAsync([.. "ELF"u8, 0, 1, 2]), StringComparison.Ordinal);
        Assert.Contains("control characters", await RefusedAsync(Encoding.Unicode.GetBytes("Jane")), StringComparison.Ordinal);
        Assert.Contains("no text", await RefusedAsync("  \n "u8.ToArray()), StringComparison.Ordinal);
        Assert.Contains("empty", await RefusedAsync([]), StringComparison.Ordinal);
        Assert.Contains("old (.doc)", await RefusedAsync([0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1, 0, 0]), StringComparison.Ordinal);
        Assert.Contains("at most", await RefusedAsync(new byte[5 * 1024 * 1024 + 1]), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_long_text_is_cut_between_characters()
    {
        var read = await ReadAsync(Encoding.UTF8.GetBytes("x" + string.Concat(Enumerable.Repeat("😀", 40_000))));
        Assert.True(read.Cut);
        Assert.False(char.IsHighSurrogate(read.Text[^1]));
    }

    private static void SkipWithoutPdf() => Assert.SkipUnless(
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(d => File.Exists(Path.Combine(d, "pdftotext"))), "pdftotext is missing: install poppler-utils");

    private static IEnumerable<int> Offsets(byte[] content, byte[] mark)
    {
        for (var at = content.AsSpan().IndexOf(mark); at >= 0;)
        {
            yield return at;
            var next = content.AsSpan(at + 1).IndexOf(mark);
            at = next < 0 ? -1 : at + 1 + next;
        }
    }
}
