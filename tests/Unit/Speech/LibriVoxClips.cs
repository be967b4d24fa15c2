using StreamPlatform.Speech;

namespace StreamPlatform.Tests.Unit.Speech;

/// <summary>The five clips of Debian's pocketsphinx-testdata: "Sense and Sensibility" as read for LibriVox, 24.7 s in all.</summary>
internal static class LibriVoxClips
{
    private const string Folder = "/usr/share/pocketsphinx/test/data/librivox";

    public sealed record Clip(string Name, string Text, byte[] Pcm16)
    {
        public double Seconds => Pcm16.Length / 32_000.0;
    }

    public static void SkipWhereMissing()
    {
        Assert.SkipUnless(File.Exists(Path.Combine(Folder, "transcription")), "apt-get install pocketsphinx-testdata");
        string? missing = PocketSphinxRecognizer.FindMissing(new PocketSphinxOptions());
        Assert.SkipUnless(missing is null, missing ?? "");
    }

    /// <summary>Lines look like: &lt;s&gt; he was not an ill disposed young man &lt;/s&gt; (name).</summary>
    public static IReadOnlyList<Clip> All() =>
    [
        .. File.ReadLines(Path.Combine(Folder, "transcription")).Select(line =>
        {
            string name = line[(line.LastIndexOf('(') + 1)..line.LastIndexOf(')')];
            string text = line[(line.IndexOf("<s>", StringComparison.Ordinal) + 3)..line.IndexOf("</s>", StringComparison.Ordinal)].Trim();
            return new Clip(name, text, File.ReadAllBytes(Path.Combine(Folder, name + ".wav"))[44..]);
        }),
    ];
}
