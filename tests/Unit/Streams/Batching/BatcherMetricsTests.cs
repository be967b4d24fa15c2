using System.Diagnostics.Metrics;
using System.Globalization;
using StreamPlatform.Streams;

namespace StreamPlatform.Tests.Unit.Streams.Batching;

/// <summary>What a batcher measures. Names, units and tags: MetricsGuideTests.</summary>
public sealed class BatcherMetricsTests : IAsyncDisposable
{
    private const string Name = "measured";
    private readonly HeldBatches batches = new();
    private readonly List<string> measured = [];

    public ValueTask DisposeAsync() => batches.DisposeAsync();

    [Fact]
    public async Task Waits_and_queues_are_told_by_priority_and_sizes_and_durations_by_batch()
    {
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, me) => { if (instrument.Name.StartsWith("streams.batch.", StringComparison.Ordinal)) me.EnableMeasurementEvents(instrument); },
        };
        listener.SetMeasurementEventCallback<int>((instrument, value, tags, _) => Add(instrument, value, tags));
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Add(instrument, value, tags));
        listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Add(instrument, value, tags));
        listener.Start();
        var batcher = batches.Batcher(new() { MaxBatchSize = 2, MaxQueued = 2, LingerMs = 50 }, Name);

        _ = batcher.RunAsync(1, BatchPriority.Low, default);
        batches.Time.Advance(TimeSpan.FromMilliseconds(20));
        var first = batcher.RunAsync(2, BatchPriority.High, default);
        var batch = await batches.NextAsync();
        Assert.Equal(["wait 0 high", "wait 20 low"], Taken());

        _ = batcher.RunAsync(3, BatchPriority.Medium, default);
        _ = batcher.RunAsync(4, BatchPriority.Medium, default);
        await Assert.ThrowsAsync<TransientException>(() => batcher.RunAsync(5, BatchPriority.Low, default));
        Assert.Equal(["refused 1 low"], Taken());
        listener.RecordObservableInstruments();
        Assert.Equal(["queued 0 critical", "queued 0 high", "queued 0 low", "queued 2 medium"], Taken());

        batches.Time.Advance(TimeSpan.FromMilliseconds(7));
        batch.Finish();
        await first;
        await batches.NextAsync();
        Assert.Equal(["duration 7 ", "size 2 ", "wait 7 medium", "wait 7 medium"], Taken());
    }

    private void Add(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var mine = false;
        var priority = "";
        foreach (var tag in tags)
        {
            if (tag.Key == "batcher") mine = Equals(tag.Value, Name);
            if (tag.Key == "priority") priority = $"{tag.Value}";
        }
        if (!mine) return;
        lock (measured) measured.Add($"{instrument.Name["streams.batch.".Length..]} {value.ToString(CultureInfo.InvariantCulture)} {priority}");
    }

    private List<string> Taken()
    {
        lock (measured)
        {
            List<string> taken = [.. measured.Order(StringComparer.Ordinal)];
            measured.Clear();
            return taken;
        }
    }
}
