namespace StreamPlatform.Speech.Synthesis;

/// <summary>Settings of reading aloud.</summary>
public sealed class SynthesisOptions
{
    /// <summary>Voice of the provider when the request names none.</summary>
    public string Voice { get; set; } = "alloy";

    /// <summary>Voice of espeak-ng, as <c>espeak-ng --voices</c> lists them.</summary>
    public string OfflineVoice { get; set; } = "en-us";

    /// <summary>Speed of espeak-ng, words per minute. 80..450.</summary>
    public int OfflineWordsPerMinute { get; set; } = 155;

    /// <summary>The espeak-ng program: a path, or a name that is looked up in PATH. Empty = no offline voice.</summary>
    public string OfflineProgram { get; set; } = "espeak-ng";

    /// <summary>Longest wait for the provider before the next engine speaks, ms. 100..60,000.</summary>
    public int ProviderWaitMs { get; set; } = 3_000;

    /// <summary>Longest run of espeak-ng, the wait for its turn included, before it is killed, ms. 100..60,000.</summary>
    public int OfflineWaitMs { get; set; } = 3_000;

    /// <summary>espeak-ng processes at once. 1..64.</summary>
    public int MaxProcesses { get; set; } = 2;

    /// <summary>Texts being spoken at once; a further one stays text. 1..1,000.</summary>
    public int MaxSpeaking { get; set; } = 64;

    /// <summary>Largest file of speech, bytes; a larger one counts as a failure. 64 KiB..64 MiB.</summary>
    public int MaxWavBytes { get; set; } = 8 * 1024 * 1024;

    /// <summary>Memory of kept speech, bytes. 0..4 GiB.</summary>
    public long CacheBytes { get; set; } = 64 * 1024 * 1024;

    /// <summary>How long speech serves equal requests, ms. 1,000..86,400,000.</summary>
    public int LifetimeMs { get; set; } = 3_600_000;

    /// <summary>The same for the speech of an engine that stood in for a better one, so that the better one is soon tried again, ms. 0..3,600,000.</summary>
    public int StandInLifetimeMs { get; set; } = 60_000;

    /// <summary>Throws when a value is out of its range; the message names the key.</summary>
    public void Validate()
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(Voice);
        if (OfflineVoice.Length is 0 or > 40 || !OfflineVoice.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '+' or '_'))
        {
            throw new ArgumentException("Synthesis:OfflineVoice must be the name of a voice such as en-us.");
        }

        Check(nameof(OfflineWordsPerMinute), OfflineWordsPerMinute, 80, 450);
        Check(nameof(ProviderWaitMs), ProviderWaitMs, 100, 60_000);
        Check(nameof(OfflineWaitMs), OfflineWaitMs, 100, 60_000);
        Check(nameof(MaxProcesses), MaxProcesses, 1, 64);
        Check(nameof(MaxSpeaking), MaxSpeaking, 1, 1_000);
        Check(nameof(MaxWavBytes), MaxWavBytes, 64 * 1024, 64 * 1024 * 1024);
        Check(nameof(CacheBytes), CacheBytes, 0, 4L * 1024 * 1024 * 1024);
        Check(nameof(LifetimeMs), LifetimeMs, 1_000, 86_400_000);
        Check(nameof(StandInLifetimeMs), StandInLifetimeMs, 0, 3_600_000);
    }

    private static void Check(string key, long value, long least, long most)
    {
        if (value < least || value > most)
        {
            throw new ArgumentOutOfRangeException(key, value, $"Synthesis:{key} must be {least}..{most}.");
        }
    }
}
