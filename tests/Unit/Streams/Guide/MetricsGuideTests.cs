using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using StreamPlatform.Streams;
using StreamPlatform.Tests.Unit.House;

namespace StreamPlatform.Tests.Unit.Streams.Guide;

/// <summary>docs/streams.md names every instrument and span with its tags, and nothing else.</summary>
public sealed class MetricsGuideTests
{
    [Fact]
    public async Task The_table_of_metrics_is_what_the_instruments_say()
    {
        Dictionary<string, (Instrument Instrument, SortedSet<string> Tags)> seen = [];
        void Record(Instrument instrument, ReadOnlySpan<KeyValuePair<string, object?>> tags)
        {
            lock (seen)
            {
                foreach (var tag in tags) seen[instrument.Name].Tags.Add(tag.Key);
            }
        }
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, me) =>
            {
                if (instrument.Meter.Name != StreamsMetrics.Name) return;
                lock (seen)
                {
                    if (!seen.ContainsKey(instrument.Name)) seen.Add(instrument.Name, (instrument, new(StringComparer.Ordinal)));
                    foreach (var tag in instrument.Meter.Tags ?? []) seen[instrument.Name].Tags.Add(tag.Key);
                }
                me.EnableMeasurementEvents(instrument);
            },
        };
        listener.SetMeasurementEventCallback<int>((instrument, _, tags, _) => Record(instrument, tags));
        listener.SetMeasurementEventCallback<long>((instrument, _, tags, _) => Record(instrument, tags));
        listener.SetMeasurementEventCallback<double>((instrument, _, tags, _) => Record(instrument, tags));
        listener.Start();
        foreach (var type in typeof(StreamsMetrics).Assembly.GetTypes().Where(type => !type.ContainsGenericParameters)) RuntimeHelpers.RunClassConstructor(type.TypeHandle);
        await UseAllAsync(listener);

        lock (seen)
        {
            Assert.Equal(
                Rows("### Metrics").Order(StringComparer.Ordinal),
                seen.Values.Select(each => $"{Code(each.Instrument.Name)} | {Kind(each.Instrument)} | {(each.Instrument.Unit is { } unit ? Code(unit) : "-")} | "
                    + $"{string.Join(", ", each.Tags.Select(Code))} | {each.Instrument.Description}").Order(StringComparer.Ordinal));
        }
    }

    [Fact]
    public void The_table_of_spans_is_what_a_record_leaves()
    {
        const string app = "metrics-guide";
        List<Activity> spans = [];
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == StreamsMetrics.Name,
            // only this test's: other tests' outputs must not carry span ids
            Sample = (ref ActivityCreationOptions<ActivityContext> options) => options.Name.StartsWith(app, StringComparison.Ordinal) ? ActivitySamplingResult.AllData : ActivitySamplingResult.None,
            ActivityStopped = spans.Add,
        };
        ActivitySource.AddActivityListener(listener);
        var builder = new StreamsBuilder(app);
        builder.Stream("in", Serdes.Utf8, Serdes.Utf8).To("out", Serdes.Utf8, Serdes.Utf8);
        using var driver = new TopologyTestDriver(builder.Build());
        driver.Pipe("in", "key", "value", Serdes.Utf8, Serdes.Utf8);

        var span = Assert.Single(spans);
        Assert.Contains($"a span {Code(span.OperationName.Replace(app, "<app>"))} of kind {span.Kind.ToString().ToLowerInvariant()}", Section("### Traces"));
        Assert.Equal(Rows("### Traces").Select(row => row.Split(" | ")[0]).Order(StringComparer.Ordinal), span.TagObjects.Select(tag => Code(tag.Key)).Order(StringComparer.Ordinal));
        Assert.Equal(span.Id, driver.Read("out", Serdes.Utf8, Serdes.Utf8).Single().Headers.LastUtf8("traceparent"));
    }

    /// <summary>Every instrument measures once, so that its tags are known.</summary>
    private static async Task UseAllAsync(MeterListener listener)
    {
        var metrics = new StreamsMetrics("app");
        metrics.Read();
        metrics.Committed(1, 1, 1);
        metrics.DeadLettered("topic");
        metrics.Deferred("topic");
        metrics.Late("step");
        metrics.Retried();
        metrics.Aborted();
        metrics.Rebuilt();
        metrics.Restored(1);
        metrics.RestoreRemains(1);
        using var gauges = StreamsMetrics.Observe("app", 0, () => StreamsHealth.Initial with { Partitions = [new PartitionHealth("topic", 0, 0, 0, false, false)] });

        await using var batches = new Batching.HeldBatches();
        var batcher = batches.Batcher(new() { MaxBatchSize = 1, MaxQueued = 1 });
        var first = batcher.RunAsync(1, BatchPriority.High, default);
        var running = await batches.NextAsync();
        _ = batcher.RunAsync(2, BatchPriority.High, default);
        await Assert.ThrowsAsync<TransientException>(() => batcher.RunAsync(3, BatchPriority.Low, default));
        running.Finish();
        await first;
        listener.RecordObservableInstruments();
    }

    private static string Kind(Instrument instrument) => Regex.Replace(instrument.GetType().Name, "`.*|Observable", "").ToLowerInvariant();

    private static string Code(string text) => $"`{text}`";

    private static string Section(string heading) =>
        Regex.Match(File.ReadAllText(Repository.File("docs/streams.md")).ReplaceLineEndings("\n"), $"{heading}\n(.*?)\n##", RegexOptions.Singleline).Groups[1].Value;

    /// <summary>The section's table, without its head and outer bars.</summary>
    private static IEnumerable<string> Rows(string heading) =>
        Section(heading).Split('\n').Where(line => line.StartsWith("| `", StringComparison.Ordinal)).Select(line => line.Trim('|', ' '));
}
