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
