namespace StreamPlatform.Providers;

/// <summary>Where AI calls go, with which keys and models, how long they may take and what they may cost. Parts have options of their own.</summary>
public sealed class ProviderOptions
{
    /// <summary>Base address of the API, with its version path, e.g. https://api.openai.com/v1. No default.</summary>
    public Uri? BaseUrl { get; set; }

    /// <summary>Keys, and what each may carry.</summary>
    public KeyPoolOptions Keys { get; set; } = new();

    /// <summary>Limits of spending.</summary>
    public BudgetOptions Budgets { get; set; } = new();

    /// <summary>Cache of chat answers.</summary>
    public AnswerCacheOptions Cache { get; set; } = new();

    /// <summary>Model for simple work. Default gpt-4o-mini.</summary>
    public string CheapModel { get; set; } = "gpt-4o-mini";

    /// <summary>Model for evaluation. Default gpt-4o.</summary>
    public string StrongModel { get; set; } = "gpt-4o";

    /// <summary>Model that transcribes; it must know verbose_json. Default whisper-1.</summary>
    public string AudioModel { get; set; } = "whisper-1";

    /// <summary>Model that speaks. Default tts-1.</summary>
    public string SpeechModel { get; set; } = "tts-1";

    /// <summary>One attempt of a chat call, unless the request says otherwise. Default 20 s, 100 ms .. 5 min.</summary>
    public TimeSpan ChatTimeout { get; set; } = TimeSpan.FromSeconds(20);

    /// <summary>One attempt of a transcription. Default 10 s, 100 ms .. 5 min.</summary>
    public TimeSpan AudioTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>One attempt of speech. Default 10 s, 100 ms .. 5 min.</summary>
    public TimeSpan SpeechTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// A call of class live, all attempts and waits together, so that the fallback starts within 5 s (F17). Default 4.5 s, 100 ms .. 1 min.
    /// Other classes are bounded by attempts times time-out plus pauses.
    /// </summary>
    public TimeSpan LiveDeadline { get; set; } = TimeSpan.FromSeconds(4.5);

    /// <summary>Calls under way at the same time, for each kind (chat, audio, speech). Default 64, 1..1024.</summary>
    public int MaxConcurrentCalls { get; set; } = 64;

    /// <summary>Calls that wait for a slot, for each kind; beyond, the least urgent is refused. Default 1024, 1..100,000.</summary>
    public int MaxWaitingCalls { get; set; } = 1024;

    /// <summary>JSON file of prices that come before the built-in ones; empty = none. See docs/providers.md.</summary>
    public string PriceFile { get; set; } = "";

    /// <exception cref="ArgumentException">Names the property and what it accepts.</exception>
    public void Validate()
    {
        Require(BaseUrl is { IsAbsoluteUri: true, Scheme: "http" or "https" }, $"BaseUrl is '{BaseUrl}'; it takes an address such as https://api.openai.com/v1");
        foreach (var (name, model) in new[] { (nameof(CheapModel), CheapModel), (nameof(StrongModel), StrongModel), (nameof(AudioModel), AudioModel), (nameof(SpeechModel), SpeechModel) })
        {
            Require(model.Length is > 0 and <= 200, $"{name} is '{model}'; it takes the name of a model, at most 200 characters");
        }

        foreach (var (name, timeout) in new[] { (nameof(ChatTimeout), ChatTimeout), (nameof(AudioTimeout), AudioTimeout), (nameof(SpeechTimeout), SpeechTimeout) })
        {
            Require(timeout >= TimeSpan.FromMilliseconds(100) && timeout <= TimeSpan.FromMinutes(5), $"{name} is {timeout}; it takes 100 ms to 5 min");
        }

        Require(LiveDeadline >= TimeSpan.FromMilliseconds(100) && LiveDeadline <= TimeSpan.FromMinutes(1), $"LiveDeadline is {LiveDeadline}; it takes 100 ms to 1 min");
        Require(MaxConcurrentCalls is >= 1 and <= 1024, $"MaxConcurrentCalls is {MaxConcurrentCalls}; it takes 1 to 1024");
        Require(MaxWaitingCalls is >= 1 and <= 100_000, $"MaxWaitingCalls is {MaxWaitingCalls}; it takes 1 to 100000");
        Keys.Validate();
        Budgets.Validate();
        Cache.Validate();
    }

    internal static void Require(bool condition, string message)
    {
        if (!condition)
        {
            throw new ArgumentException("ProviderOptions: " + message);
        }
    }
}
