namespace StreamPlatform.LanguageModels.Resumes;

/// <summary>How much of a job's description a resume takes up, word for word.</summary>
internal sealed class JobCoverage
{
    /// <summary>Share of the job's terms that counts as all: nobody uses all of another's words.</summary>
    private const double FullShare = 0.6;

    /// <summary>A term that the job repeats counts at most so often.</summary>
    private const int MaxWeight = 3;

    private const int MinTermChars = 2;
    private const int MaxQuotes = 5;
    private const int MaxQuoteWords = 40;
    private const int MaxMissing = 15;

    private JobCoverage(double share, int addressed, List<string> found, List<string> missing, List<string> quotes)
    {
        Share = share;
        Addressed = addressed;
        Found = found;
        Missing = missing;
        Quotes = quotes;
    }

    /// <summary>0..1.</summary>
    public double Share { get; }

    /// <summary>Sentences of the resume that address the scorer; they were left out.</summary>
    public int Addressed { get; }

    /// <summary>The job's words that the resume takes up, weightiest first.</summary>
    public IReadOnlyList<string> Found { get; }

    /// <summary>The job's weightiest words that it does not.</summary>
    public IReadOnlyList<string> Missing { get; }

    /// <summary>Where the resume takes up most of them.</summary>
    public IReadOnlyList<string> Quotes { get; }

    public static JobCoverage Of(string job, string resume)
    {
        List<(string Term, string Plain, int Weight)> asked =
        [
            .. Tokenizer.Words(job, 0, job.Length).Where(word => word.Term.Length >= MinTermChars).GroupBy(word => word.Term)
                .Select(group => (group.Key, group.First().Plain, Math.Min(MaxWeight, group.Count()))).OrderByDescending(term => term.Item3),
        ];
        AnswerText text = AnswerText.Parse(resume);
        HashSet<string> said = [.. text.Words.Select(word => word.Term)];
        double whole = asked.Sum(term => term.Weight);
        double covered = asked.Where(term => said.Contains(term.Term)).Sum(term => term.Weight);
        double share = whole == 0 ? 0 : Math.Clamp(covered / whole / FullShare, 0, 1);
        return new(
            share,
            text.Addressed,
            [.. asked.Where(term => said.Contains(term.Term)).Select(term => term.Plain)],
            [.. asked.Where(term => !said.Contains(term.Term)).Select(term => term.Plain).Take(MaxMissing)],
            QuotesOf(text, [.. asked.Select(term => term.Term)]));
    }

    private static List<string> QuotesOf(AnswerText text, HashSet<string> asked) =>
    [
        .. text.Sentences
            .Select(sentence => (Sentence: sentence, Hits: text.Words.Skip(sentence.First).Take(sentence.Count).Select(word => word.Term).Where(asked.Contains).Distinct().Count()))
            .Where(each => each.Hits > 0).OrderByDescending(each => each.Hits).Take(MaxQuotes)
            .Select(each => text.Quote(each.Sentence.First, each.Sentence.First + Math.Min(each.Sentence.Count, MaxQuoteWords) - 1)),
    ];
}
