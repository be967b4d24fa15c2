using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace StreamPlatform.Tests.Benchmarks.Caches;

/// <summary>What the caches' own metrics say of one cache: requests by outcome, evictions.</summary>
internal sealed class CacheCounts : IDisposable
{
    private readonly ConcurrentDictionary<string, long> counts = new();
    private readonly MeterListener listener = new();

    public CacheCounts(string cache)
    {
        listener.InstrumentPublished = (instrument, self) =>
        {
            if (instrument.Meter.Name == "StreamPlatform.Caching") self.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) =>
        {
            string outcome = instrument.Name, of = "";
            foreach (var (name, tag) in tags)
            {
                if (name == "outcome") outcome = (string)tag!;
                if (name == "cache") of = (string)tag!;
            }

            if (of == cache) counts.AddOrUpdate(outcome, value, (_, before) => before + value);
        });
        listener.Start();
    }

    public long Evictions => counts.GetValueOrDefault("streamplatform.cache.evictions");

    /// <summary>Of all requests, those that the store did not have to answer.</summary>
    public double HitRate
    {
        get
        {
            var hits = Of("kept") + Of("shared") + Of("remote");
            return hits / (double)Math.Max(1, hits + Of("made") + Of("refused"));
        }
    }

    public long Of(string outcome) => counts.GetValueOrDefault(outcome);

    public void Dispose() => listener.Dispose();
}
