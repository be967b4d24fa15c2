using PdfSharp.Drawing;
using StreamPlatform.Topology.Ports;

namespace StreamPlatform.Reports.Pdf;

/// <summary>Emotion over time as stacked areas, with question marks and gaps; below it strips of face presence and blinks. All vectors.</summary>
internal static class TimelineChart
{
    private const double LabelWidth = 34;
    private const double AreaHeight = 130;
    private const double StripHeight = 12;
    private const double Height = AreaHeight + 88;

    public static void Draw(PdfFlow flow, ReportDocument report)
    {
        var windows = report.Timeline.Windows;
        if (!flow.Room(Height))
        {
            return;
        }

        var (g, top) = (flow.Graphics, flow.Y + 12);
        var start = report.StartedAtMs; // every time is told from it; the first and the last window reach beyond the session and are cut
        var end = Math.Max(Math.Max(start + 20_000, report.CompletedAtMs), windows.Count > 0 ? windows[^1].StartMs + 1_000 : 0);
        double X(long ms) => PdfFlow.Left + LabelWidth + ((flow.Width - LabelWidth) * Math.Clamp((double)(ms - start) / (end - start), 0, 1));
        double Y(double part) => top + (AreaHeight * (1 - part));
        var small = ReportFonts.Of(7);

        foreach (var part in (double[])[0, 0.5, 1])
        {
            g.DrawLine(Palette.LinePen, X(start), Y(part), X(end), Y(part));
            g.DrawString($"{100 * part:0} %", small, Palette.Muted, new XRect(PdfFlow.Left, Y(part) - 5, LabelWidth - 5, 10), XStringFormats.CenterRight);
        }

        foreach (var window in windows)
        {
            DrawWindow(g, window, X, Y);
        }

        DrawGaps(g, report, X, top);
        DrawMarks(g, report, X, top, small);
        DrawTimes(g, X, start, end, top + AreaHeight + 9, small);
        DrawStrips(g, windows, X, top + AreaHeight + 16, small);
        DrawLegend(g, top + AreaHeight + 58, small);
        flow.Y += Height;
    }

    private static void DrawWindow(XGraphics g, ReportWindow window, Func<long, double> x, Func<double, double> y)
    {
        if (window.Mean is not { } mean)
        {
            return;
        }

        var below = 0.0;
        foreach (var (name, fill) in Palette.Emotions)
        {
            var above = Math.Min(1, below + Of(mean, name));
            g.DrawRectangle(fill, x(window.StartMs), y(above), Math.Max(0.5, x(window.EndMs) - x(window.StartMs) - 0.6), y(below) - y(above));
            below = above;
        }
    }

    private static void DrawGaps(XGraphics g, ReportDocument report, Func<long, double> x, double top)
    {
        foreach (var note in report.Integrity)
        {
            if (note is { FromMs: { } from, ToMs: { } to, Kind: "face-lost" or "capture-gap" or "several-faces" })
            {
                Shade(from, to);
            }
        }

        long lost = 0;
        foreach (var happened in report.Timeline.Events)
        {
            if (lost > 0 && happened.Kind is "resumed" or "completed")
            {
                Shade(lost, happened.AtMs);
            }

            lost = happened.Kind switch { "interrupted" => happened.AtMs, "resumed" => 0, _ => lost };
        }

        void Shade(long from, long to) => g.DrawRectangle(Palette.GapFill, x(from), top, Math.Max(1, x(to) - x(from)), AreaHeight);
    }

    private static void DrawMarks(XGraphics g, ReportDocument report, Func<long, double> x, double top, XFont font)
    {
        var number = 0;
        foreach (var happened in report.Timeline.Events)
        {
            var label = happened.Kind switch
            {
                "question" => happened.Text.StartsWith("question ", StringComparison.Ordinal) ? $"Q{happened.Text["question ".Length..]}" : $"Q{++number}",
                "interrupted" => "lost",
                "resumed" => "back",
                "level" => $"L{happened.Level}",
                _ => null,
            };
            if (label is not null)
            {
                g.DrawLine(Palette.MarkPen, x(happened.AtMs), top - 2, x(happened.AtMs), top + AreaHeight);
                g.DrawString(label, font, Palette.Ink, x(happened.AtMs), top - 4);
            }
        }
    }

    private static void DrawTimes(XGraphics g, Func<long, double> x, long start, long end, double y, XFont font)
    {
        var step = new long[] { 10, 30, 60, 120, 300, 600, 1_200, 3_600, 7_200 }.Select(s => s * 1000).FirstOrDefault(s => (end - start) / s <= 9, (end - start) / 9);
        for (var at = start; at <= end; at += step)
        {
            g.DrawString(ReportText.Clock(at - start), font, Palette.Muted, new XRect(x(at) - 20, y - 7, 40, 10), at == start ? XStringFormats.CenterRight : XStringFormats.Center);
        }
    }

    private static void DrawStrips(XGraphics g, IReadOnlyList<ReportWindow> windows, Func<long, double> x, double top, XFont font)
    {
        var most = Math.Max(1, windows.Count > 0 ? windows.Max(w => w.Blinks) : 1);
        var blinksTop = top + StripHeight + 5;
        g.DrawString("face", font, Palette.Muted, new XRect(PdfFlow.Left, top, LabelWidth - 5, StripHeight), XStringFormats.CenterRight);
        g.DrawString("blinks", font, Palette.Muted, new XRect(PdfFlow.Left, blinksTop, LabelWidth - 5, StripHeight), XStringFormats.CenterRight);
        foreach (var window in windows)
        {
            var (left, width) = (x(window.StartMs), Math.Max(0.5, x(window.EndMs) - x(window.StartMs) - 0.6));
            g.DrawRectangle(Palette.Line, left, top, width, StripHeight);
            g.DrawRectangle(Palette.Accent, left, top + (StripHeight * (1 - window.FaceRatio)), width, StripHeight * window.FaceRatio);
            g.DrawRectangle(Palette.Line, left, blinksTop + StripHeight - 0.6, width, 0.6);
            var blinks = StripHeight * window.Blinks / most;
            g.DrawRectangle(Palette.Blinks, left, blinksTop + StripHeight - blinks, width, blinks);
            if (width > 12)
            {
                g.DrawString(window.Blinks.ToString(System.Globalization.CultureInfo.InvariantCulture), font, Palette.Ink, new XRect(left, blinksTop, width, StripHeight), XStringFormats.Center);
            }
        }
    }

    private static void DrawLegend(XGraphics g, double y, XFont font)
    {
        var x = PdfFlow.Left + LabelWidth;
        foreach (var (name, fill) in Palette.Emotions)
        {
            g.DrawRectangle(fill, x, y, 8, 8);
            g.DrawString(name, font, Palette.Ink, x + 11, y + 7);
            x += 22 + g.MeasureString(name, font).Width;
        }

        g.DrawRectangle(Palette.GapFill, x, y, 8, 8);
        g.DrawString("no face, several faces, no frames, no connection", font, Palette.Ink, x + 11, y + 7);
    }

    private static double Of(Probabilities p, string name) => name switch
    {
        "happy" => p.Happy,
        "surprise" => p.Surprise,
        "neutral" => p.Neutral,
        "sad" => p.Sad,
        "fear" => p.Fear,
        "disgust" => p.Disgust,
        _ => p.Angry,
    };
}
