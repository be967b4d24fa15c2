using System.Diagnostics.Metrics;

namespace StreamPlatform.Streams;

/// <summary>Instruments of one batcher, on the runtime's meter.</summary>
internal sealed class BatcherMetrics : IDisposable
{
    private static readonly Meter Shared = new(StreamsMetrics.Name);
    private static readonly Histogram<int> Size = Shared.CreateHistogram<int>("streams.batch.size", "{request}", "requests per batch");
    private static readonly Histogram<double> Duration = Shared.CreateHistogram<double>("streams.batch.duration", "ms", "time of one batch, from leaving the queue to its results");
    private static readonly Histogram<double> Wait = Shared.CreateHistogram<double>("streams.batch.wait", "ms", "time of one request from its arrival until its batch left");
    private static readonly Counter<long> Refusals = Shared.CreateCounter<long>("streams.batch.refused", "{request}", "requests refused because too many waited");
    private static readonly BatchPriority[] Priorities = Enum.GetValues<BatchPriority>();
    private readonly Meter own;
    private readonly KeyValuePair<string, object?> batcher;

    public BatcherMetrics(string name, Func<BatchPriority, int> queued)
    {
        batcher = new("batcher", name);
        own = new Meter(StreamsMetrics.Name, null, [batcher]);
        own.CreateObservableGauge("streams.batch.queued", () => Priorities.Select(p => new Measurement<int>(queued(p), batcher, Tag(p))), "{request}", "requests waiting for a batch");
    }

    public void Waited(BatchPriority priority, TimeSpan wait) => Wait.Record(wait.TotalMilliseconds, batcher, Tag(priority));
    public void Refused(BatchPriority priority) => Refusals.Add(1, batcher, Tag(priority));

    public void Ran(int requests, TimeSpan duration)
    {
        Size.Record(requests, batcher);
        Duration.Record(duration.TotalMilliseconds, batcher);
    }

    public void Dispose() => own.Dispose();

    private static KeyValuePair<string, object?> Tag(BatchPriority priority) => new("priority", priority switch
    {
        BatchPriority.Critical => "critical",
        BatchPriority.High => "high",
        BatchPriority.Medium => "medium",
        _ => "low",
    });
}
