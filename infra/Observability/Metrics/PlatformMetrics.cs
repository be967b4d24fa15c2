using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Text;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using StreamPlatform.Observability.Metrics;

namespace StreamPlatform.Observability;

/// <summary>
/// Collects what the process' meters (System.Diagnostics.Metrics) record, and writes it in Prometheus' text format 0.0.4. Only
/// measurements made while it lives are counted: create it first.
/// </summary>
public sealed class PlatformMetrics : IDisposable
{
    /// <summary>Content type of <see cref="Write"/>.</summary>
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    // OpenTelemetry's default bounds for seconds; the same in milliseconds; and its general ones
    private static readonly double[] SecondBounds = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];
    private static readonly double[] MillisecondBounds = [1, 2.5, 5, 10, 25, 50, 75, 100, 250, 500, 750, 1000, 2500, 5000, 7500, 10_000, 30_000];
    private static readonly double[] GeneralBounds = [0, 1, 2, 5, 10, 25, 50, 75, 100, 250, 500, 750, 1000, 2500, 5000, 7500, 10_000];

    private readonly PlatformMetricsOptions options;
    private readonly ILogger logger;
    private readonly MeterListener listener = new();
    private readonly ConcurrentDictionary<string, Metric> metrics = new(StringComparer.Ordinal);
    private readonly Lock scraping = new();

    public PlatformMetrics(PlatformMetricsOptions? options = null, ILogger<PlatformMetrics>? logger = null)
    {
        this.options = options ?? new();
        this.options.Validate();
        this.logger = logger ?? NullLogger<PlatformMetrics>.Instance;
        listener.InstrumentPublished = Published;
        listener.SetMeasurementEventCallback<byte>((_, value, tags, state) => Record(state, value, tags));
        listener.SetMeasurementEventCallback<short>((_, value, tags, state) => Record(state, value, tags));
        listener.SetMeasurementEventCallback<int>((_, value, tags, state) => Record(state, value, tags));
        listener.SetMeasurementEventCallback<long>((_, value, tags, state) => Record(state, value, tags));
        listener.SetMeasurementEventCallback<float>((_, value, tags, state) => Record(state, value, tags));
        listener.SetMeasurementEventCallback<double>((_, value, tags, state) => Record(state, value, tags));
        listener.SetMeasurementEventCallback<decimal>((_, value, tags, state) => Record(state, (double)value, tags));
        listener.Start();
    }

    /// <summary>All metrics, in the order of their names; observable instruments are asked now.</summary>
    public string Write()
    {
        lock (scraping)
        {
            Metric[] all = [.. metrics.Values.OrderBy(m => m.Name, StringComparer.Ordinal)];
            foreach (Metric metric in all.Where(m => m.Observable))
            {
                metric.BeginScrape();
            }

            try
            {
                listener.RecordObservableInstruments();
            }
            catch (AggregateException e)
            {
                logger.ObservableFailed(e); // the instruments that did not fail have reported
            }

            var text = new StringBuilder();
            foreach (Metric metric in all)
            {
                metric.Write(text);
            }

            return text.ToString();
        }
    }

    public void Dispose() => listener.Dispose();

    private static void Record(object? state, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        if (state is Subscription subscription)
        {
            subscription.Metric.Record(LabelText.Of(subscription.FixedTags, tags), value);
        }
    }

    private void Published(Instrument instrument, MeterListener listening)
    {
        if (!options.MeterPrefixes.Any(p => instrument.Meter.Name.StartsWith(p, StringComparison.Ordinal)))
        {
            return;
        }

        MetricKind kind = KindOf(instrument);
        string name = PrometheusNames.Metric(instrument.Name, instrument.Unit, kind == MetricKind.Counter);
        if (!metrics.TryGetValue(name, out Metric? metric))
        {
            if (metrics.Count >= options.MaxMetrics)
            {
                logger.InstrumentLeftOut(instrument.Meter.Name, instrument.Name, $"{options.MaxMetrics} metrics are there already");
                return;
            }

            metric = metrics.GetOrAdd(name, n => new Metric(
                n, kind, instrument.Description ?? "", instrument.IsObservable, options.MaxSeriesPerMetric, SeriesFactory(instrument, kind)));
        }

        if (metric.Kind != kind || metric.Observable != instrument.IsObservable)
        {
            logger.InstrumentLeftOut(instrument.Meter.Name, instrument.Name, $"metric {name} is of another kind already");
            return;
        }

        listening.EnableMeasurementEvents(instrument, new Subscription(metric, [.. instrument.Tags ?? [], .. instrument.Meter.Tags ?? []]));
    }

    private static MetricKind KindOf(Instrument instrument)
    {
        Type type = instrument.GetType().GetGenericTypeDefinition();
        return type == typeof(Counter<>) || type == typeof(ObservableCounter<>) ? MetricKind.Counter
            : type == typeof(Histogram<>) ? MetricKind.Histogram
            : MetricKind.Gauge;
    }

    private static Func<Series> SeriesFactory(Instrument instrument, MetricKind kind)
    {
        if (kind == MetricKind.Histogram)
        {
            double[] bounds = BoundsOf(instrument);
            return () => new HistogramSeries(bounds);
        }

        return instrument.IsObservable || instrument.GetType().GetGenericTypeDefinition() == typeof(Gauge<>)
            ? () => new LastSeries()
            : () => new SumSeries();
    }

    private static double[] BoundsOf(Instrument instrument)
    {
        IEnumerable<double>? advised = instrument switch
        {
            Histogram<double> h => h.Advice?.HistogramBucketBoundaries,
            Histogram<float> h => h.Advice?.HistogramBucketBoundaries?.Select(b => (double)b),
            Histogram<long> h => h.Advice?.HistogramBucketBoundaries?.Select(b => (double)b),
            Histogram<int> h => h.Advice?.HistogramBucketBoundaries?.Select(b => (double)b),
            _ => null,
        };
        return advised is not null ? [.. advised] : instrument.Unit switch
        {
            "s" => SecondBounds,
            "ms" => MillisecondBounds,
            _ => GeneralBounds,
        };
    }

    private sealed record Subscription(Metric Metric, KeyValuePair<string, object?>[] FixedTags);
}
