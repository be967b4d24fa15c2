using PdfSharp;
using PdfSharp.Drawing;
using PdfSharp.Pdf;

namespace StreamPlatform.Reports.Pdf;

/// <summary>Text and drawings from top to bottom over A4 pages. Lengths are points (1/72 inch).</summary>
internal sealed class PdfFlow(PdfDocument document, int maxPages)
{
    public const double Left = 48;
    private const double Top = 52;
    private const double Bottom = 62;

    private readonly List<PdfPage> pages = [];
    private double height;

    /// <summary>The page in progress.</summary>
    public XGraphics Graphics { get; private set; } = null!;

    /// <summary>Width between the margins.</summary>
    public double Width { get; private set; }

    /// <summary>Where the next thing begins, from the page's top.</summary>
    public double Y { get; set; }

    /// <summary>True when the page limit was reached and the rest was left out.</summary>
    public bool Cut { get; private set; }

    /// <summary>Makes sure that so much fits below, on a new page if need be. False when there may be no more pages.</summary>
    public bool Room(double points)
    {
        if (pages.Count > 0 && Y + points <= height - Bottom)
        {
            return true;
        }

        if (pages.Count >= maxPages)
        {
            Cut = true;
            return false;
        }

        Graphics?.Dispose();
        var page = document.AddPage();
        page.Size = PageSize.A4;
        pages.Add(page);
        Graphics = XGraphics.FromPdfPage(page);
        (Width, height) = (page.Width.Point - (2 * Left), page.Height.Point);
        Y = Top;
        return true;
    }

    /// <summary>A heading, kept together with the beginning of what follows.</summary>
    public void Heading(string text, double points = 13, double follow = 40)
    {
        if (Room((points * 2) + follow))
        {
            Y += pages.Count > 0 && Y > Top ? points * 0.9 : 0;
            Graphics.DrawString(ReportFonts.Shown(text), ReportFonts.Of(points, bold: true), Palette.Ink, Left, Y + points);
            Y += points * 1.6;
        }
    }

    /// <summary>Text broken at words (words that are too long, anywhere).</summary>
    public void Paragraph(string text, double points = 9.5, XBrush? brush = null, bool bold = false, double indent = 0, double after = 3)
    {
        var font = ReportFonts.Of(points, bold);
        foreach (var line in Lines(ReportFonts.Shown(text), font, Width - indent))
        {
            if (!Room(points * 1.4))
            {
                return;
            }

            Graphics.DrawString(line, font, brush ?? Palette.Ink, Left + indent, Y + points);
            Y += points * 1.4;
        }

        Y += after;
    }

    /// <summary>A row of cells, each in its column, cut where it is too long.</summary>
    public void Row(ReadOnlySpan<(double At, string Text)> cells, double points = 8.5, bool bold = false, XBrush? brush = null)
    {
        if (!Room(points * 1.5))
        {
            return;
        }

        var font = ReportFonts.Of(points, bold);
        for (var i = 0; i < cells.Length; i++)
        {
            var end = i + 1 < cells.Length ? cells[i + 1].At - 4 : Width;
            Graphics.DrawString(Fit(ReportFonts.Shown(cells[i].Text), font, end - cells[i].At), font, brush ?? Palette.Ink, Left + cells[i].At, Y + points);
        }

        Y += points * 1.5;
    }

    /// <summary>Writes the foot of every page and ends the drawing.</summary>
    public void Finish(string foot)
    {
        Graphics?.Dispose();
        var font = ReportFonts.Of(7.5);
        for (var i = 0; i < pages.Count; i++)
        {
            using var graphics = XGraphics.FromPdfPage(pages[i]);
            graphics.DrawString(ReportFonts.Shown(foot), font, Palette.Muted, Left, height - 32);
            graphics.DrawString($"page {i + 1} of {pages.Count}", font, Palette.Muted, new XRect(Left, height - 41, Width, 12), XStringFormats.CenterRight);
        }
    }

    private string Fit(string text, XFont font, double width)
    {
        if (Graphics.MeasureString(text, font).Width <= width)
        {
            return text;
        }

        while (text.Length > 1 && Graphics.MeasureString(text + "…", font).Width > width)
        {
            text = text[..^1];
        }

        return text + "…";
    }

    private IEnumerable<string> Lines(string text, XFont font, double width)
    {
        if (pages.Count == 0)
        {
            Room(0);
        }

        var line = "";
        foreach (var word in text.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            var longer = line.Length == 0 ? word : $"{line} {word}";
            if (Graphics.MeasureString(longer, font).Width <= width)
            {
                line = longer;
                continue;
            }

            if (line.Length > 0)
            {
                yield return line;
            }

            line = word;
            while (Graphics.MeasureString(line, font).Width > width && line.Length > 1)
            {
                var fitting = Math.Max(1, (int)(line.Length * width / Graphics.MeasureString(line, font).Width) - 1);
                yield return line[..fitting];
                line = line[fitting..];
            }
        }

        if (line.Length > 0)
        {
            yield return line;
        }
    }
}
