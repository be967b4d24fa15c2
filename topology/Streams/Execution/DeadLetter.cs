using System.Text;

namespace StreamPlatform.Streams;

/// <summary>The dead letter of a record: its own key, value and headers, and what went wrong.</summary>
internal static class DeadLetter
{
    private const int MaxCauseChars = 1000;

    public static string TopicOf(string topic) => topic + ".dlq";

    public static OutputRecord Of(WorkItem item, Exception error, int attempts)
    {
        var cause = $"{error.GetType().Name}: {error.Message}";
        var headers = new RecordHeaders(item.Record?.Headers ?? RecordHeaders.Empty);
        headers.Set("dlq.cause", Encoding.UTF8.GetBytes(cause.Length > MaxCauseChars ? cause[..MaxCauseChars] : cause));
        headers.Set("dlq.step", Encoding.UTF8.GetBytes(item.CurrentStep));
        headers.Set("dlq.attempts", Encoding.UTF8.GetBytes($"{attempts}"));
        headers.Set("dlq.topic", Encoding.UTF8.GetBytes(item.Context.Topic));
        headers.Set("dlq.partition", Encoding.UTF8.GetBytes($"{item.Context.Partition}"));
        headers.Set("dlq.offset", Encoding.UTF8.GetBytes($"{item.Context.Offset}"));
        headers.Set("dlq.time", Encoding.UTF8.GetBytes($"{item.Task.Kernel.WallClockMs}"));
        headers.Set("dlq.app", Encoding.UTF8.GetBytes(item.Task.ApplicationId));
        return new OutputRecord(TopicOf(item.Context.Topic), item.Task.Partition, item.Context.TimestampMs,
            item.Record is { } record ? record.Key : item.LockKey is { } key ? Encoding.UTF8.GetBytes(key) : null, item.Record?.Value, headers);
    }
}
