namespace StreamPlatform.LanguageModels;

/// <summary>How an answer is built, whatever it says. All shares are 0..1.</summary>
/// <param name="Quality">For the communication score.</param>
/// <param name="Depth">Numbers, examples and reasons, for the technical score.</param>
/// <param name="Remark">One sentence for the reviewer.</param>
internal sealed record Composition(double Quality, double Depth, string Remark)
{
    /// <summary>Words from which an answer is long enough.</summary>
    private const int EnoughWords = 70;

    /// <summary>Words from which more no longer helps the listener.</summary>
    private const int ManyWords = 450;

    public static Composition Of(AnswerText text)
    {
        int words = text.Words.Count;
        double length = words <= ManyWords ? Math.Min(1, words / (double)EnoughWords) : Math.Max(0.5, ManyWords / (double)words);
        double sentenceWords = (double)words / text.Sentences.Count;
        double sentences = sentenceWords <= 28 ? Math.Min(1, sentenceWords / 8) : Math.Max(0.4, 28 / sentenceWords);
        double connected = Math.Min(1, Rate(text, Lexicon.Connectives) / 0.04);
        double filled = Math.Min(1, Rate(text, Lexicon.Fillers) / 0.06);
        double variety = VarietyOf(text);
        double depth = DepthOf(text);
        double quality = length * ((0.30 * sentences) + (0.25 * connected) + (0.25 * variety) + (0.20 * depth)) * (1 - (0.5 * filled));
        string remark = $"{words} words in {text.Sentences.Count} sentences; "
            + (connected >= 0.5 ? "the sentences build on each other" : "few words connect the sentences")
            + (depth >= 0.5 ? ", with reasons or examples." : ", with few reasons, numbers or examples.")
            + (filled >= 0.5 ? " Many filler words." : "");
        return new(quality, depth, remark);
    }

    private static double Rate(AnswerText text, HashSet<string> list) =>
        text.Words.Count(word => list.Contains(word.Plain)) / (double)text.Words.Count;

    /// <summary>Different content terms among the first 200 words (a longer text repeats itself of need), against the half that good prose has.</summary>
    private static double VarietyOf(AnswerText text)
    {
        int counted = Math.Min(200, text.Words.Count);
        int different = text.Words.Take(counted).Select(word => word.Term).Where(term => term.Length > 0).Distinct().Count();
        return Math.Min(1, different / (0.4 * counted));
    }

    /// <summary>Three of them are full depth: numbers, reasons, examples.</summary>
    private static double DepthOf(AnswerText text)
    {
        int numbers = text.Words.Where(word => word.Plain.Any(char.IsDigit)).Select(word => word.Plain).Distinct().Count();
        int reasons = text.Words.Where(word => Lexicon.Reasons.Contains(word.Plain)).Select(word => word.Plain).Distinct().Count();
        return Math.Min(1, (Math.Min(2, numbers) + reasons) / 3.0);
    }
}
