using System.Globalization;
using System.Text;

namespace StreamPlatform.Streams;

/// <summary>What a record in a retry topic says of itself, in headers <c>retry.*</c>; they are taken off before it runs again.</summary>
/// <param name="Attempts">Runs so far that ended in deferral; 0 = it only follows its key.</param>
/// <param name="Sequence">Its place among the parked records of its key; -1 = unordered.</param>
/// <param name="DueMs">Wall clock, ms since the epoch.</param>
internal sealed record RetryMark(int Attempts, long Sequence, long DueMs)
{
    private const string Prefix = "retry.";

    /// <summary>The record for a retry topic; same partition number, so that the same task reads it again.</summary>
    public OutputRecord Write(WorkItem item, string topic, string cause)
    {
        var record = item.Record!;
        var headers = new RecordHeaders(record.Headers);
        Set("app", item.Task.ApplicationId);
        Set("attempts", $"{Attempts}");
        Set("sequence", $"{Sequence}");
        Set("due", $"{DueMs}");
        Set("topic", record.Topic);
        Set("partition", $"{record.Partition}");
        Set("offset", $"{record.Offset}");
        Set("timestamp", $"{record.TimestampMs}");
        Set("step", item.CurrentStep);
        Set("cause", cause);
        return new OutputRecord(topic, item.Task.Partition, record.TimestampMs, record.Key, record.Value, headers);

        void Set(string name, string value) => headers.Set(Prefix + name, Encoding.UTF8.GetBytes(value));
    }

    /// <summary>The record as it was on its input topic; null = written by another application that shares the input.</summary>
    /// <param name="origin">The input topic, for a record without marks (written by a person): it is due at once.</param>
    public static (ConsumedRecord Record, RetryMark Mark)? Read(ConsumedRecord read, string origin, string applicationId)
    {
        if (read.Headers.LastUtf8(Prefix + "app") is { } app && app != applicationId) return null;
        var record = new ConsumedRecord(read.Headers.LastUtf8(Prefix + "topic") ?? origin, (int)Number("partition", read.Partition), Number("offset", read.Offset),
            Number("timestamp", read.TimestampMs), read.Key, read.Value, new RecordHeaders(read.Headers.Where(h => !h.Key.StartsWith(Prefix, StringComparison.Ordinal))));
        return (record, new RetryMark((int)Number("attempts", 0), Number("sequence", -1), Number("due", 0)));

        long Number(string name, long otherwise) =>
            long.TryParse(read.Headers.LastUtf8(Prefix + name), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value) ? value : otherwise;
    }
}
