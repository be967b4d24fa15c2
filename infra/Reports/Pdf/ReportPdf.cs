using PdfSharp.Drawing;
using PdfSharp.Pdf;

namespace StreamPlatform.Reports.Pdf;

/// <summary>A report as a PDF of A4 pages with vector charts and embedded fonts. Safe for concurrent use.</summary>
public static class ReportPdf
{
    /// <summary>Pages at most; what does not fit is left out and the last page says so.</summary>
    public const int MaxPages = 120;

    private const string Disclaimer =
        "Emotion and behaviour describe what a camera and a microphone saw. They are not evidence of ability. Formulas: docs/report.md.";

    private static readonly Lock Gate = new(); // the library keeps fonts in shared tables

    /// <summary>False in a build made without fonts: run infra/feed/assets.sh fonts, then build.</summary>
    public static bool Available => ReportFonts.Available;

    /// <summary>The PDF's bytes.</summary>
    /// <exception cref="InvalidOperationException">Not <see cref="Available"/>.</exception>
    public static byte[] Render(ReportDocument report)
    {
        if (!Available)
        {
            throw new InvalidOperationException("this build has no fonts: run infra/feed/assets.sh fonts, then build");
        }

        lock (Gate)
        {
            using var document = new PdfDocument();
            document.Info.Title = $"Interview report {report.SessionId}";
            document.Info.Subject = $"{report.CandidateName}, {report.Position}";
            document.Language = "en";
            var flow = new PdfFlow(document, MaxPages);
            Head(flow, report);
            Scores(flow, report);
            flow.Heading("Emotion, face and blinks over time", follow: 220);
            TimelineChart.Draw(flow, report);
            Notes(flow, report);
            foreach (var answer in report.Answers)
            {
                AnswerSection.Draw(flow, answer);
            }

            Numbers(flow, report);
            Windows(flow, report);
            flow.Finish($"{report.SessionId} · revision {report.Revision.Number} of {ReportText.Time(report.Revision.AtMs)}{(flow.Cut ? $" · cut at {MaxPages} pages" : "")}");
            using var file = new MemoryStream();
            document.Save(file, closeStream: false);
            return file.ToArray();
        }
    }

    private static void Head(PdfFlow flow, ReportDocument report)
    {
        flow.Room(120);
        flow.Paragraph("Interview report", 9, Palette.Accent, bold: true, after: 0);
        flow.Paragraph(report.CandidateName.Length > 0 ? report.CandidateName : report.CandidateId, 19, bold: true, after: 0);
        flow.Paragraph(string.Join(" · ", new[] { report.Position, report.Jurisdiction, ReportText.Time(report.StartedAtMs), $"{ReportText.Clock(report.CompletedAtMs - report.StartedAtMs)} min" }.Where(t => t.Length > 0)), 9.5, Palette.Muted, after: 0);
        flow.Paragraph(
            $"Session {report.SessionId} · candidate {report.CandidateId} · revision {report.Revision.Number} ({report.Revision.Reason}{(report.Revision.Partial ? ", parts missing" : "")})",
            8, Palette.Muted, after: 6);
    }

    private static void Scores(PdfFlow flow, ReportDocument report)
    {
        flow.Room(96);
        var (g, top) = (flow.Graphics, flow.Y);
        g.DrawRoundedRectangle(Palette.Soft, PdfFlow.Left, top, 120, 84, 14, 14);
        g.DrawString(ReportText.Score(report.Scores.Overall), ReportFonts.Of(38, bold: true), Palette.Ink, PdfFlow.Left + 14, top + 47);
        g.DrawString("of 100 overall", ReportFonts.Of(9), Palette.Muted, PdfFlow.Left + 15, top + 66);
        var s = report.Scores;
        foreach (var (name, value) in new (string, float?)[] { ("Technical", s.Technical), ("Communication", s.Communication), ("Emotion", s.Emotion), ("Behaviour", s.Behaviour) })
        {
            Bar(flow, 138, name, value);
        }

        flow.Y = top + 72;
        var waits = report.Review.NeedsHumanReview;
        var text = ReportText.Review(report.Review);
        var font = ReportFonts.Of(8.5, bold: true);
        flow.Graphics.DrawRoundedRectangle(waits ? Palette.WarnSoft : Palette.Soft, PdfFlow.Left + 138, flow.Y, flow.Graphics.MeasureString(text, font).Width + 16, 14, 12, 12);
        flow.Graphics.DrawString(text, font, waits ? Palette.Warn : Palette.Good, PdfFlow.Left + 146, flow.Y + 10);
        flow.Y = top + 92;
        flow.Paragraph(Disclaimer, 8, Palette.Muted);
    }

    /// <summary>A named bar of 0..100 at the flow's place.</summary>
    internal static void Bar(PdfFlow flow, double indent, string name, float? value)
    {
        var (g, x, y) = (flow.Graphics, PdfFlow.Left + indent, flow.Y);
        var width = flow.Width - indent - 130;
        g.DrawString(name, ReportFonts.Of(9), Palette.Ink, x, y + 10);
        g.DrawRoundedRectangle(Palette.Line, x + 80, y + 3, width, 7, 7, 7);
        if (value is > 0)
        {
            g.DrawRoundedRectangle(Palette.Accent, x + 80, y + 3, Math.Max(7, width * Math.Min(100, value.Value) / 100), 7, 7, 7);
        }

        g.DrawString(ReportText.Score(value), ReportFonts.Of(9, bold: true), Palette.Ink, x + 86 + width, y + 10);
        flow.Y += 17;
    }

    private static void Notes(PdfFlow flow, ReportDocument report)
    {
        flow.Heading("Integrity notes", follow: 14);
        foreach (var note in report.Integrity)
        {
            var when = note.FromMs is { } from ? $"{ReportText.Clock(from - report.StartedAtMs)}  " : "";
            flow.Paragraph($"• {when}{note.Text}", indent: 4, after: 1);
        }

        if (report.Integrity.Count == 0)
        {
            flow.Paragraph("none", brush: Palette.Muted);
        }
    }

    private static void Numbers(PdfFlow flow, ReportDocument report)
    {
        flow.Heading("What was measured");
        var (f, s, n) = (report.Frames, report.Speech, report.Scores);
        flow.Paragraph(
            $"Frames: {f.Analysed} analysed of {f.Acked} acknowledged, {f.WithFace} with a face, {f.WithSeveralFaces} with several, {f.DeadLettered} unreadable, {f.Skipped} skipped under load, {f.Blinks} blinks"
            + (f.DominantEmotion.Length > 0 ? $", mostly {f.DominantEmotion}." : "."), after: 1);
        flow.Paragraph(
            $"Speech: {ReportText.Clock(s.SpeechMs)} of talk and {ReportText.Clock(s.SilenceMs)} of silence in {ReportText.Clock(s.AudioMs)}, {s.Words} words"
            + (s.WordsPerMinute is { } rate ? $", {rate:0} words per minute of speech." : "."), after: 1);
        flow.Paragraph($"Behaviour is made of: face {ReportText.Score(n.Face)}, talk {ReportText.Score(n.Talk)}, pace {ReportText.Score(n.Pace)}.", after: 1);
        flow.Paragraph(
            $"Cost of this session: {ReportText.Usd(report.Cost.TotalUsd)}"
            + (report.Cost.Parts.Count > 0 ? $" ({string.Join(", ", report.Cost.Parts.Select(p => $"{p.Part} {ReportText.Usd(p.Usd)} in {p.Calls} result(s)"))})" : "") + ".");
        flow.Heading("Models, engines and prompts", follow: 30);
        flow.Row([(0, "part"), (90, "name"), (290, "version"), (460, "answers")], bold: true, brush: Palette.Muted);
        foreach (var v in report.Versions)
        {
            flow.Row([(0, v.Part), (90, v.Name), (290, v.Version), (460, v.Uses > 0 ? v.Uses.ToString() : "")]);
        }
    }

    private static void Windows(PdfFlow flow, ReportDocument report)
    {
        flow.Heading("Windows of ten seconds", follow: 30);
        if (!report.Timeline.Complete)
        {
            flow.Paragraph("Not every frame is in a window yet: ask again in some seconds.", brush: Palette.Warn);
        }

        flow.Row([(0, "from"), (60, "dominant"), (140, "face"), (190, "frames"), (250, "blinks")], bold: true, brush: Palette.Muted);
        foreach (var w in report.Timeline.Windows)
        {
            flow.Row([
                (0, ReportText.Clock(w.StartMs - report.StartedAtMs)), (60, w.Dominant.Length > 0 ? w.Dominant : "no face"), (140, ReportText.Percent(w.FaceRatio)),
                (190, w.FramesCaptured > w.FramesAnalysed ? $"{w.FramesAnalysed} of {w.FramesCaptured}" : w.FramesAnalysed.ToString()), (250, w.Blinks.ToString())]);
        }
    }
}
