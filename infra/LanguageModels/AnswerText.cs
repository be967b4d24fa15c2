namespace StreamPlatform.LanguageModels;

/// <summary>A word and where it stands in the answer.</summary>
/// <param name="Term">What is compared: stemmed, synonyms made one; empty for a word that carries no content.</param>
/// <param name="Plain">Lower case.</param>
/// <param name="Start">First character in the answer.</param>
/// <param name="End">Past its last character.</param>
internal readonly record struct Word(string Term, string Plain, int Start, int End);

/// <summary>A sentence: words [First, First + Count) of the answer.</summary>
internal readonly record struct Sentence(int First, int Count);

/// <summary>An answer taken apart into sentences and words that know their place, without the sentences that address the scorer.</summary>
internal sealed class AnswerText
{
    /// <summary>Recognised speech has no full stops: such text is parted after this many words.</summary>
    private const int MaxSentenceWords = 40;

    private AnswerText(string source, List<Word> words, List<Sentence> sentences, int addressed)
    {
        Source = source;
        Words = words;
        Sentences = sentences;
        Addressed = addressed;
    }

    public string Source { get; }

    public IReadOnlyList<Word> Words { get; }

    public IReadOnlyList<Sentence> Sentences { get; }

    /// <summary>Sentences left out because they address the scorer.</summary>
    public int Addressed { get; }

    public static AnswerText Parse(string source)
    {
        List<Word> words = [];
        List<Sentence> sentences = [];
        int addressed = 0;
        foreach ((int start, int end) in SplitSentences(source))
        {
            List<Word> sentence = [.. Tokenizer.Words(source, start, end)];
            if (sentence.Count == 0)
            {
                continue;
            }
            if (ScorerAddress.IsIn(sentence))
            {
                addressed++;
                continue;
            }
            for (int i = 0; i < sentence.Count; i += MaxSentenceWords)
            {
                sentences.Add(new(words.Count + i, Math.Min(MaxSentenceWords, sentence.Count - i)));
            }
            words.AddRange(sentence);
        }
        return new(source, words, sentences, addressed);
    }

    /// <summary>The words from <paramref name="first"/> to <paramref name="last"/> exactly as they were written.</summary>
    public string Quote(int first, int last) => Source[Words[first].Start..Words[last].End];

    private static IEnumerable<(int Start, int End)> SplitSentences(string source)
    {
        int start = 0;
        for (int i = 0; i < source.Length; i++)
        {
            char c = source[i];
            bool stop = c is '!' or '?' or ';' or '\n' || (c == '.' && (i + 1 == source.Length || char.IsWhiteSpace(source[i + 1])));
            if (stop)
            {
                yield return (start, i);
                start = i + 1;
            }
        }
        yield return (start, source.Length);
    }
}
