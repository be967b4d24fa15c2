using System.Globalization;
using System.Text;

namespace StreamPlatform.Streams;

/// <summary>One record of a dead-letter topic.</summary>
/// <param name="Partition">Of the dead-letter topic.</param>
/// <param name="Offset">In the dead-letter topic; with the partition it names the letter.</param>
/// <param name="EventTimeMs">Timestamp of the failed record, ms since the epoch.</param>
/// <param name="DeadAtMs">When it was dead-lettered, ms since the epoch.</param>
/// <param name="Headers">The failed record's own.</param>
/// <param name="ReplayedBy">Id of the replay that sent it to its topic again; null = not yet.</param>
public sealed record DeadLetterEntry(
    int Partition, long Offset, byte[]? Key, byte[]? Value, long EventTimeMs, long DeadAtMs, string Cause, string Step, int Attempts,
    string Topic, int TopicPartition, long TopicOffset, string Application, RecordHeaders Headers, string? ReplayedBy)
{
    /// <summary>The key as text.</summary>
    public string? KeyText => Key is null ? null : Encoding.UTF8.GetString(Key);

    internal static DeadLetterEntry Of(ConsumedRecord letter, string inputTopic, string? replayedBy)
    {
        var headers = letter.Headers;
        return new(letter.Partition, letter.Offset, letter.Key, letter.Value, letter.TimestampMs, Number("dlq.time", letter.TimestampMs),
            headers.LastUtf8("dlq.cause") ?? "", headers.LastUtf8("dlq.step") ?? "", (int)Number("dlq.attempts", 0),
            headers.LastUtf8("dlq.topic") ?? inputTopic, (int)Number("dlq.partition", letter.Partition), Number("dlq.offset", -1), headers.LastUtf8("dlq.app") ?? "",
            new RecordHeaders(headers.Where(h => !h.Key.StartsWith("dlq.", StringComparison.Ordinal))), replayedBy);

        long Number(string name, long otherwise) =>
            long.TryParse(headers.LastUtf8(name), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value) ? value : otherwise;
    }
}

/// <summary>Which dead letters; null = any. All that is set must hold.</summary>
public sealed record DeadLetterFilter
{
    /// <summary>Text within the cause, upper and lower case alike.</summary>
    public string? Cause { get; init; }
    public string? Step { get; init; }
    public string? Application { get; init; }
    public string? Key { get; init; }
    /// <summary>Dead-lettered at or after this, ms since the epoch.</summary>
    public long? SinceMs { get; init; }
    /// <summary>Dead-lettered before this, ms since the epoch.</summary>
    public long? UntilMs { get; init; }
    public int? Partition { get; init; }
    public long? Offset { get; init; }
    /// <summary>Replayed ones too; they are never replayed again.</summary>
    public bool IncludeReplayed { get; init; }

    public bool Holds(DeadLetterEntry letter) =>
        (IncludeReplayed || letter.ReplayedBy is null)
        && (Cause is null || letter.Cause.Contains(Cause, StringComparison.OrdinalIgnoreCase))
        && (Step is null || letter.Step == Step) && (Application is null || letter.Application == Application) && (Key is null || letter.KeyText == Key)
        && (SinceMs is null || letter.DeadAtMs >= SinceMs) && (UntilMs is null || letter.DeadAtMs < UntilMs)
        && (Partition is null || letter.Partition == Partition) && (Offset is null || letter.Offset == Offset);
}
