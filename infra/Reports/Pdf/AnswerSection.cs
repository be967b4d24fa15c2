namespace StreamPlatform.Reports.Pdf;

/// <summary>One question with its answer, its scores and who gave them.</summary>
internal static class AnswerSection
{
    public static void Draw(PdfFlow flow, ReportedAnswer answer)
    {
        flow.Heading($"{answer.QuestionIndex + 1}. {Short(answer.Question)}", 11, follow: 60);
        if (answer.Question.Length > MaxHeading)
        {
            flow.Paragraph(answer.Question, brush: Palette.Muted);
        }

        flow.Paragraph(answer.Text.Length > 0 ? answer.Text : "No words.", indent: 8, brush: answer.Text.Length > 0 ? Palette.Ink : Palette.Muted);
        if (answer.Speech is { } speech)
        {
            flow.Paragraph(
                $"heard by {speech.Engine}, confidence {ReportText.Percent(speech.Confidence)}, {ReportText.Clock(speech.SpeechMs)} of speech in {ReportText.Clock(speech.AudioMs)}, {speech.Words} words"
                + (speech.WordsPerMinute is { } rate ? $", {rate:0} words per minute" : ""), 8, Palette.Muted, indent: 8);
        }

        if (answer.Score is { } score)
        {
            Draw(flow, score);
        }
        else
        {
            flow.Paragraph("Not scored.", brush: Palette.Warn, indent: 8);
        }
    }

    private const int MaxHeading = 70;

    private static void Draw(PdfFlow flow, ReportedScore score)
    {
        if (flow.Room(36))
        {
            ReportPdf.Bar(flow, 8, "Technical", score.Technical);
            ReportPdf.Bar(flow, 8, "Communication", score.Communication);
        }

        flow.Paragraph(score.Feedback, indent: 8);
        foreach (var quote in score.Evidence)
        {
            flow.Paragraph($"“{quote}”", 8.5, Palette.Muted, indent: 18, after: 1);
        }

        var model = score.Model.Length > 0 ? $" ({score.Model})" : "";
        var prompt = score.PromptVersion.Length > 0 ? $", prompt {score.PromptVersion}" : "";
        flow.Paragraph($"{score.Engine}{model}, rubric {score.RubricVersion}{prompt}, revision {score.Revision} of {ReportText.Time(score.ScoredAtMs)}", 8, Palette.Muted, indent: 8, after: 1);
        if (score.Override is { } by)
        {
            flow.Paragraph(
                $"Set by {by.By} at {ReportText.Time(by.AtMs)}: {by.Reason} (before: technical {by.PreviousTechnical:0}, communication {by.PreviousCommunication:0} by {by.PreviousEngine})",
                9, Palette.Good, bold: true, indent: 8);
        }

        if (score.Flags.Count > 0)
        {
            flow.Paragraph($"Flags: {string.Join(", ", score.Flags)}", 8.5, Palette.Warn, indent: 8, after: 1);
        }

        if (score.NeedsHumanReview)
        {
            flow.Paragraph($"Needs human review. {score.ReviewReason}", 8.5, Palette.Warn, indent: 8);
        }
    }

    private static string Short(string question) => question.Length <= MaxHeading ? question : question[..(MaxHeading - 1)] + "…";
}
