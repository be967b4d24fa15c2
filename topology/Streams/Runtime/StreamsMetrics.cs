using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace StreamPlatform.Streams;

/// <summary>Instruments of meter <c>StreamPlatform.Streams</c>, tagged with the application; activities of the source of the same name.</summary>
public sealed class StreamsMetrics
{
    public const string Name = "StreamPlatform.Streams";
    private static readonly Meter Meter = new(Name);
    internal static readonly ActivitySource Activities = new(Name);
    private static readonly Counter<long> Consumed = Meter.CreateCounter<long>("streams.records.consumed", "{record}", "records read from input topics");
    private static readonly Counter<long> FinishedRecords = Meter.CreateCounter<long>("streams.records.committed", "{record}", "records whose finish was committed");
    private static readonly Counter<long> Produced = Meter.CreateCounter<long>("streams.records.produced", "{record}", "records written, changelogs and progress included");
    private static readonly Counter<long> DeadLetters = Meter.CreateCounter<long>("streams.records.dead_lettered", "{record}", "records sent to a dead-letter topic");
    private static readonly Counter<long> DeferredRecords = Meter.CreateCounter<long>("streams.records.deferred", "{record}", "records sent to a retry topic, those that follow their key included");
    private static readonly Counter<long> LateRecords = Meter.CreateCounter<long>("streams.records.late", "{record}", "records dropped because their window was closed");
    private static readonly Counter<long> Retries = Meter.CreateCounter<long>("streams.retries", "{attempt}", "attempts repeated after a transient error");
    private static readonly Counter<long> Aborts = Meter.CreateCounter<long>("streams.transactions.aborted", "{transaction}", "transactions aborted; their batch is kept");
    private static readonly Counter<long> RebuiltClients = Meter.CreateCounter<long>("streams.rebuilds", "{rebuild}", "clients rebuilt after a fatal broker error");
    private static readonly Histogram<double> CommitLatency = Meter.CreateHistogram<double>("streams.commit.duration", "ms", "time of one commit, retries included");
    private static readonly Histogram<double> RestoreTime = Meter.CreateHistogram<double>("streams.restore.duration", "ms", "time from assignment to start");
    private static readonly UpDownCounter<long> RestoreRemaining = Meter.CreateUpDownCounter<long>("streams.restore.remaining", "{record}", "offsets that restores under way have still to read");
    private readonly TagList tags;
    private readonly string application;

    internal StreamsMetrics(string application)
    {
        this.application = application;
        tags = new TagList { { "app", application } };
    }

    /// <summary>Registers gauges read from <paramref name="health"/> when collected.</summary>
    internal static Meter Observe(string application, int slot, Func<StreamsHealth> health)
    {
        var meter = new Meter(Name, null, [new("app", application), new("slot", slot)]);
        meter.CreateObservableGauge("streams.lag", () => health().Partitions.Select(p =>
            new Measurement<long>(p.Lag, new KeyValuePair<string, object?>("app", application), new("topic", p.Topic), new("partition", p.Partition))), "{record}", "records between the committed base and the partition's end");
        meter.CreateObservableGauge("streams.in_flight", () => new Measurement<long>(health().InFlight, new KeyValuePair<string, object?>("app", application), new("slot", slot)), "{record}", "records read and unfinished");
        meter.CreateObservableGauge("streams.running", () => new Measurement<int>(health().State == StreamsState.Running ? 1 : 0, new KeyValuePair<string, object?>("app", application), new("slot", slot)), null, "1 while running");
        return meter;
    }

    internal void Read() => Consumed.Add(1, tags);
    internal void Read(int count) => Consumed.Add(count, tags);
    internal void Late(string step) => LateRecords.Add(1, new KeyValuePair<string, object?>("app", application), new("step", step));
    internal void DeadLettered(string topic) => DeadLetters.Add(1, new KeyValuePair<string, object?>("app", application), new("topic", topic));
    internal void Deferred(string topic) => DeferredRecords.Add(1, new KeyValuePair<string, object?>("app", application), new("topic", topic));
    internal void Retried() => Retries.Add(1, tags);
    internal void Aborted() => Aborts.Add(1, tags);
    internal void Rebuilt() => RebuiltClients.Add(1, tags);
    internal void Restored(double ms) => RestoreTime.Record(ms, tags);
    internal void RestoreRemains(long change) => RestoreRemaining.Add(change, tags);
    internal void Committed(int records, int produced, double ms)
    {
        FinishedRecords.Add(records, tags);
        Produced.Add(produced, tags);
        CommitLatency.Record(ms, tags);
    }
}
