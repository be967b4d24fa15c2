namespace StreamPlatform.Streams;

/// <summary>
/// Where records of an input go that failed with a deferred error, or with a transient one that outlived its attempts: to <c>topic.retry.delay</c>, in the transaction
/// that passes their offset, to be run again from the input's first step after the delay. There is always a ceiling; beyond it they are dead-lettered.
/// In order (the default), later records of a key follow it there until it is through, and the key's records are run one at a time.
/// </summary>
public sealed class RetryTopics
{
    private RetryTopics(IReadOnlyList<TimeSpan> delays) => Delays = delays;

    /// <summary>One topic per delay, used one after the other. Range of a delay: 1 ms .. 7 days.</summary>
    public static RetryTopics After(params TimeSpan[] delays)
    {
        if (delays.Length == 0) throw new StreamsConfigurationException($"{nameof(RetryTopics)} needs at least one delay");
        foreach (var delay in delays) OptionRange.Check($"a delay of {nameof(RetryTopics)}, ms", (long)delay.TotalMilliseconds, 1, 7L * 24 * 3_600_000);
        if (delays.Distinct().Count() < delays.Length) throw new StreamsConfigurationException($"{nameof(RetryTopics)}: a delay is named twice; {nameof(AtMost)} repeats the last");
        return new([.. delays]) { MaxRetries = delays.Length };
    }

    public IReadOnlyList<TimeSpan> Delays { get; }

    /// <summary>Runs after the first; then the dead-letter topic. By default one per delay.</summary>
    public int MaxRetries { get; private init; }

    public bool KeepsOrder { get; private init; } = true;

    /// <summary>Records of one key in retry topics, above which further ones are dead-lettered. Range 1..1000000.</summary>
    public int MaxParkedPerKey { get; private init; } = 10_000;

    /// <summary>Ceiling of retries; above the number of delays the last is repeated. Range 1..1000000.</summary>
    public RetryTopics AtMost(int retries)
    {
        OptionRange.Check($"{nameof(RetryTopics)}.{nameof(AtMost)}", retries, 1, 1_000_000);
        return new(Delays) { MaxRetries = retries, KeepsOrder = KeepsOrder, MaxParkedPerKey = MaxParkedPerKey };
    }

    /// <summary>Later records of a key do not wait: for steps whose outcome does not depend on order.</summary>
    public RetryTopics Unordered() => new(Delays) { MaxRetries = MaxRetries, KeepsOrder = false };

    public RetryTopics ParkAtMost(int recordsPerKey)
    {
        OptionRange.Check($"{nameof(RetryTopics)}.{nameof(ParkAtMost)}", recordsPerKey, 1, 1_000_000);
        return new(Delays) { MaxRetries = MaxRetries, KeepsOrder = KeepsOrder, MaxParkedPerKey = recordsPerKey };
    }

    /// <summary><c>topic.retry.30s</c>; the unit is the largest that is whole.</summary>
    public static string TopicOf(string topic, TimeSpan delay)
    {
        var ms = (long)delay.TotalMilliseconds;
        var text = ms % 3_600_000 == 0 ? $"{ms / 3_600_000}h" : ms % 60_000 == 0 ? $"{ms / 60_000}m" : ms % 1_000 == 0 ? $"{ms / 1_000}s" : $"{ms}ms";
        return $"{topic}.retry.{text}";
    }
}
