using System.Diagnostics;
using System.Text;
using System.Text.RegularExpressions;
using StreamPlatform.Reports.Pdf;

namespace StreamPlatform.Tests.Unit.Reports;

/// <summary>The PDF as Debian's poppler, another maker's reader, sees it.</summary>
public sealed partial class ReportPdfTests
{
    [Fact]
    public void The_fonts_are_in_the_assembly() => Assert.True(ReportPdf.Available, "run infra/feed/assets.sh fonts, then build");

    [Fact]
    public async Task Every_part_of_the_report_can_be_read_as_text()
    {
        var text = Joined(await ReadAsync(ReportPdf.Render(SampleReport.Document())));
        string[] parts =
        [
            "Łukasz Ωmega Иванов", "Backend Engineer", "71", "of 100 overall", "needs human review: 1 answer(s) pending", "Technical", "Behaviour", "Integrity notes", "1:11 no face for 9 s",
            "below 70 %", "1. Tell me about a system that you built.", "i built a ledger that never loses a record", "Offsets and results in one transaction.", "“never loses a record”",
            "heard by pocketsphinx, confidence 62 %", "98 words per minute", "239 analysed of 240", "face models", "human-3.3.6", "nothing was charged", "revision 2", "Q1", "Q2", "lost", "L1", "page 1 of",
        ];
        Assert.All(parts, part => Assert.Contains(part, text, StringComparison.Ordinal));
        Assert.Equal(12, WindowRow().Count(text));
    }

    [Fact]
    public async Task Characters_that_the_font_lacks_become_question_marks_and_controls_vanish()
    {
        var document = SampleReport.Document(name: "山田太郎 😀 \u0007\u202e محمد Zoë");
        var text = Joined(await ReadAsync(ReportPdf.Render(document)));
        Assert.Contains("???? ? ???? Zoë", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_report_of_nothing_is_rendered_too()
    {
        var document = SampleReport.Document(windows: 0, name: "", change: r =>
        {
            r.Scores.Clear();
            r.Questions.Clear();
            r.Marks.Clear();
            r.Integrity.Clear();
            r.Versions.Clear();
            (r.EmotionKnown, r.BehaviourKnown, r.WordsPerMinute, r.FramesAnalysed, r.AudioMs) = (false, false, 0, 0, 0);
        });
        var text = Joined(await ReadAsync(ReportPdf.Render(document)));
        Assert.Contains("not known", text, StringComparison.Ordinal);
        Assert.Contains("none", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Very_long_texts_fill_pages_up_to_the_bound_and_the_last_says_so()
    {
        var word = new string('x', 3_000); // wider than the page
        var document = SampleReport.Document(change: r => r.Scores[0].Feedback = string.Join(' ', Enumerable.Repeat(word, 3)));
        Assert.Contains("page 1 of", await ReadAsync(ReportPdf.Render(document)), StringComparison.Ordinal);

        document = SampleReport.Document(windows: 20_000);
        var text = await ReadAsync(ReportPdf.Render(document));
        Assert.Contains($"cut at {ReportPdf.MaxPages} pages", text, StringComparison.Ordinal);
        Assert.Contains($"page {ReportPdf.MaxPages} of {ReportPdf.MaxPages}", text, StringComparison.Ordinal);
    }

    [Fact]
    public void The_chart_is_drawn_with_vectors_and_the_fonts_are_embedded()
    {
        var pdf = Encoding.Latin1.GetString(ReportPdf.Render(SampleReport.Document()));
        Assert.StartsWith("%PDF-", pdf, StringComparison.Ordinal);
        Assert.DoesNotContain("/Subtype/Image", pdf.Replace(" ", ""), StringComparison.Ordinal);
        Assert.Contains("/FontFile2", pdf, StringComparison.Ordinal);
        Assert.InRange(pdf.Length, 5_000, 400_000);
    }

    [Fact]
    public async Task Many_are_rendered_at_once()
    {
        var all = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => Task.Run(() => ReportPdf.Render(SampleReport.Document(name: $"Candidate {i}")))));
        var text = Joined(await ReadAsync(all[5]));
        Assert.Contains("Candidate 5", text, StringComparison.Ordinal);
    }

    private static string Joined(string text) => Spaces().Replace(text, " ");

    private static async Task<string> ReadAsync(byte[] pdf)
    {
        Assert.SkipUnless(File.Exists("/usr/bin/pdftotext"), "no pdftotext: apt-get install poppler-utils");
        var file = Path.Combine(Path.GetTempPath(), $"report-{Guid.NewGuid():N}.pdf");
        await File.WriteAllBytesAsync(file, pdf);
        try
        {
            if (Environment.GetEnvironmentVariable("STREAMPLATFORM_KEEP_PDF") is { Length: > 0 } folder)
            {
                File.Copy(file, Path.Combine(folder, Path.GetFileName(file)));
            }

            using var reader = Process.Start(new ProcessStartInfo("/usr/bin/pdftotext", ["-layout", file, "-"]) { RedirectStandardOutput = true, StandardOutputEncoding = Encoding.UTF8 })!;
            var text = await reader.StandardOutput.ReadToEndAsync();
            await reader.WaitForExitAsync();
            Assert.Equal(0, reader.ExitCode);
            return text;
        }
        finally
        {
            File.Delete(file);
        }
    }

    [GeneratedRegex(@"\s+")]
    private static partial Regex Spaces();

    [GeneratedRegex(@"\d:\d\d (happy|no face) \d+ % 20 \d")]
    private static partial Regex WindowRow();
}
