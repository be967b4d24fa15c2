namespace StreamPlatform.Speech;

/// <summary>Settings of the offline recogniser.</summary>
public sealed class PocketSphinxOptions
{
    /// <summary>Folder with the acoustic model (en-us/), language model (en-us.lm.bin) and dictionary (cmudict-en-us.dict).</summary>
    public string ModelDirectory { get; set; } = "/usr/share/pocketsphinx/model/en-us";

    /// <summary>Decoders at work at once, each made on first need: about 90 MB of memory and one busy core. Default: one per core, at most 8. 1..16.</summary>
    public int MaxDecoders { get; set; } = Math.Clamp(Environment.ProcessorCount, 1, 8);

    /// <summary>Calls that may wait for a decoder before further ones are refused as transient. 1..10,000.</summary>
    public int MaxWaiting { get; set; } = 256;

    /// <summary>States kept per frame of search; fewer is faster and less exact (the engine's own default is 30,000). 500..100,000.</summary>
    /// <remarks>On the five clips of pocketsphinx-testdata: 3,000 decodes in 0.11 s per second of speech, 30,000 in 0.15 s, with the same words (word error rate 0.28).</remarks>
    public int MaxHmmsPerFrame { get; set; } = 3_000;

    /// <summary>Gaussians are computed on every n-th frame; 1 is exact. 1..4.</summary>
    public int DownsamplingRatio { get; set; } = 1;

    /// <summary>Further name-value arguments of the engine, as pocketsphinx_continuous takes them; for measurements.</summary>
    internal IReadOnlyList<string> ExtraArguments { get; set; } = [];

    /// <summary>Throws when a value is out of its range; the message names the key.</summary>
    public void Validate()
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(ModelDirectory);
        CheckRange(nameof(MaxDecoders), MaxDecoders, 1, 16);
        CheckRange(nameof(MaxWaiting), MaxWaiting, 1, 10_000);
        CheckRange(nameof(MaxHmmsPerFrame), MaxHmmsPerFrame, 500, 100_000);
        CheckRange(nameof(DownsamplingRatio), DownsamplingRatio, 1, 4);
    }

    private static void CheckRange(string key, int value, int least, int most)
    {
        if (value < least || value > most)
        {
            throw new ArgumentOutOfRangeException(key, value, $"PocketSphinx:{key} must be {least}..{most}.");
        }
    }
}
