using System.Text;

namespace StreamPlatform.Streams;

/// <summary>
/// Where the value at hand comes from, and what its outputs will carry. For a timer (idle, window close) Topic is the
/// sub-topology's first input and Offset is -1.
/// </summary>
public sealed class RecordContext
{
    private readonly RecordContext? parent;
    private readonly string step;
    private readonly long at;
    private readonly int child;
    private List<RecordHeader>? added;
    private int children;

    internal RecordContext(WorkItem item, string topic, int partition, long offset, long timestampMs, string? key, RecordHeaders headers)
    {
        Item = item; Topic = topic; Partition = partition; Offset = offset; TimestampMs = timestampMs; Key = key; Headers = headers;
        step = "";
    }

    private RecordContext(RecordContext from, long timestampMs, RecordHeaders headers, string step, long at, int child)
    {
        parent = from; Item = from.Item; Topic = from.Topic; Partition = from.Partition; Offset = from.Offset; Key = from.Key;
        TimestampMs = timestampMs; Headers = headers; this.step = step; this.at = at; this.child = child;
    }

    internal WorkItem Item { get; }
    public string Topic { get; }
    public int Partition { get; }
    public long Offset { get; }
    /// <summary>Event time of the value, milliseconds since the epoch; outputs carry it.</summary>
    public long TimestampMs { get; }
    /// <summary>The source record's key as text; null if it had none.</summary>
    public string? Key { get; }
    /// <summary>The source record's headers.</summary>
    public RecordHeaders Headers { get; }

    /// <summary>
    /// The same text each time this value is processed, also after a crash: calls to the outside, which are at least once,
    /// carry it so that the other side can drop repetitions.
    /// </summary>
    public string IdempotencyKey => Offset >= 0
        ? $"{Item.Task.ApplicationId}/{Topic}/{Partition}/{Offset}{Suffix}"
        : $"{Item.Task.ApplicationId}/timer/{Item.Task.Sub.Index}/{Partition}/{Key}/{TimestampMs}{Suffix}";

    /// <summary>Adds a header to every output this value leads to; replaces a forwarded one of the same name.</summary>
    public void AddHeader(string key, byte[] value) => (added ??= []).Add(new RecordHeader(key, value));

    /// <inheritdoc cref="AddHeader(string, byte[])"/>
    public void AddHeader(string key, string value) => AddHeader(key, Encoding.UTF8.GetBytes(value));

    /// <summary>A context for a value made from this one: same source, own time, an idempotency key of its own.</summary>
    /// <param name="at">What tells it from others of the step, such as a window's start; -1 = nothing.</param>
    internal RecordContext Derive(string step, long? timestampMs = null, RecordHeaders? headers = null, long at = -1) =>
        new(this, timestampMs ?? TimestampMs, headers ?? Headers, step, at, children++);

    /// <summary>The way from the source record to this value; made only when somebody asks.</summary>
    private string Suffix => parent is null ? "" : at < 0 ? $"{parent.Suffix}/{step}.{child}" : $"{parent.Suffix}/{step}@{at}.{child}";

    /// <summary>It has headers, or steps added some.</summary>
    internal bool HasHeaders => Headers.Count > 0 || added is not null || parent?.HasHeaders == true;

    /// <summary>Headers of an output: the forwarded ones, then what steps added along the way.</summary>
    internal RecordHeaders OutputHeaders(IReadOnlyList<string> forward, string? traceparent)
    {
        var result = new RecordHeaders();
        for (var i = 0; i < forward.Count; i++)
            if (Headers.Last(forward[i]) is { } value) result.Add(forward[i], value);
        if (traceparent is not null) result.Set("traceparent", Encoding.UTF8.GetBytes(traceparent));
        Append(result);
        return result;
    }

    private void Append(RecordHeaders result)
    {
        parent?.Append(result);
        if (added is null) return;
        foreach (var header in added) result.Set(header.Key, header.Value);
    }
}
