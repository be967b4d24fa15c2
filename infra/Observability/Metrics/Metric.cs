using System.Collections.Concurrent;
using System.Text;

namespace StreamPlatform.Observability.Metrics;

internal enum MetricKind { Counter, Gauge, Histogram }

/// <summary>One metric: all series of one name. Instruments of several meters may share it.</summary>
internal sealed class Metric
{
    private const string Overflow = "overflow=\"true\"";

    private readonly ConcurrentDictionary<string, Series> series = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, Series>.AlternateLookup<ReadOnlySpan<char>> byLabels;
    private readonly Func<Series> create;
    private readonly int maxSeries;
    private readonly string help;
    private long scrape;

    public Metric(string name, MetricKind kind, string help, bool observable, int maxSeries, Func<Series> create)
    {
        Name = name;
        Kind = kind;
        Observable = observable;
        this.help = help;
        this.maxSeries = maxSeries;
        this.create = create;
        byLabels = series.GetAlternateLookup<ReadOnlySpan<char>>();
    }

    public string Name { get; }

    public MetricKind Kind { get; }

    /// <summary>Its values are asked for at each scrape: a series that is not reported is gone.</summary>
    public bool Observable { get; }

    public void Record(ReadOnlySpan<char> labels, double value)
    {
        if (!byLabels.TryGetValue(labels, out Series? found))
        {
            found = series.Count < maxSeries
                ? series.GetOrAdd(labels.ToString(), _ => create())
                : series.GetOrAdd(Overflow, _ => create());
        }

        found.SeenInScrape = scrape;
        found.Record(value);
    }

    /// <summary>Called before observable instruments report.</summary>
    public void BeginScrape() => scrape++;

    public void Write(StringBuilder text)
    {
        KeyValuePair<string, Series>[] shown = [.. series.Where(s => !Observable || s.Value.SeenInScrape == scrape).OrderBy(s => s.Key, StringComparer.Ordinal)];
        if (Observable)
        {
            foreach (string gone in series.Where(s => s.Value.SeenInScrape != scrape).Select(s => s.Key).ToArray())
            {
                series.TryRemove(gone, out _);
            }
        }

        if (shown.Length == 0)
        {
            return;
        }

        if (help.Length > 0)
        {
            text.Append("# HELP ").Append(Name).Append(' ').Append(PrometheusNames.EscapeHelp(help)).Append('\n');
        }

        text.Append("# TYPE ").Append(Name).Append(' ').Append(Kind switch
        {
            MetricKind.Counter => "counter",
            MetricKind.Gauge => "gauge",
            _ => "histogram",
        }).Append('\n');
        foreach ((string labels, Series values) in shown)
        {
            values.Write(text, Name, labels);
        }
    }
}
