using System.Runtime.InteropServices;

namespace StreamPlatform.TestProvider;

/// <summary>
/// Recognises recordings it knows, also pieces of them and several in one file, by samples that are equal bit for bit:
/// the five clips of Debian's pocketsphinx-testdata, and nothing else. It hears nothing; it looks up.
/// </summary>
internal sealed class KnownClips
{
    private const int Anchor = 8; // samples that are compared
    private const int Stride = 80; // samples between anchors of a clip: 5 ms
    private const double Whole = 0.6; // a clip of which this share is there was heard whole: the rest is silence around it

    private readonly Dictionary<Int128, (int Clip, int At)> anchors = [];
    private readonly List<(string[] Words, int Samples)> clips = [];

    /// <param name="directory">With the files and "transcription"; where it is missing, no clip is known.</param>
    public KnownClips(string directory)
    {
        var list = Path.Combine(directory, "transcription");
        if (!File.Exists(list))
        {
            return;
        }

        // "<s> he was not an ill disposed young man </s> (name)"
        foreach (var line in File.ReadLines(list).Where(l => l.Contains("</s>", StringComparison.Ordinal)))
        {
            var text = line[(line.IndexOf("<s>", StringComparison.Ordinal) + 3)..line.IndexOf("</s>", StringComparison.Ordinal)];
            var path = Path.Combine(directory, line[(line.LastIndexOf('(') + 1)..line.LastIndexOf(')')] + ".wav");
            if (File.Exists(path) && WavFile.Read(File.ReadAllBytes(path)) is var (_, samples))
            {
                Add(text.Split(' ', StringSplitOptions.RemoveEmptyEntries), samples);
            }
        }
    }

    /// <summary>What was recognised, in time order: text, first and last sample.</summary>
    public List<(string Text, int Start, int End)> Find(ReadOnlySpan<short> samples)
    {
        List<(int Clip, int First, int Last, int Start, int End)> runs = [];
        for (var i = 0; i + Anchor <= samples.Length; i++)
        {
            if (!anchors.TryGetValue(Key(samples[i..]), out var hit))
            {
                continue;
            }

            if (runs.Count > 0 && runs[^1] is var run && run.Clip == hit.Clip && Math.Abs(hit.At - run.First - (i - run.Start)) <= Stride)
            {
                runs[^1] = run with { Last = hit.At, End = i };
            }
            else
            {
                runs.Add((hit.Clip, hit.At, hit.At, i, i));
            }
        }

        // fewer than 10 anchors in line are chance, or too short for a word
        return [.. runs.Where(r => r.Last - r.First >= 10 * Stride).Select(r => (Text(r.Clip, r.First, r.Last), r.Start, r.End)).Where(r => r.Item1.Length > 0)];
    }

    private string Text(int clip, int first, int last)
    {
        var (words, samples) = clips[clip];
        if (last - first >= Whole * samples)
        {
            return string.Join(' ', words);
        }

        // words are taken as equally long
        return string.Join(' ', words.Where((_, i) => (i + 0.5) * samples / words.Length is var at && at >= first && at <= last));
    }

    private void Add(string[] words, ReadOnlySpan<short> samples)
    {
        for (var at = 0; at + Anchor <= samples.Length; at += Stride)
        {
            if (samples.Slice(at, Anchor).IndexOfAnyExceptInRange((short)-16, (short)16) >= 0) // silence is alike everywhere
            {
                anchors.TryAdd(Key(samples[at..]), (clips.Count, at));
            }
        }

        clips.Add((words, samples.Length));
    }

    private static Int128 Key(ReadOnlySpan<short> samples) => MemoryMarshal.Read<Int128>(MemoryMarshal.AsBytes(samples[..Anchor]));
}
