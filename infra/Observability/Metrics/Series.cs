using System.Globalization;
using System.Text;

namespace StreamPlatform.Observability.Metrics;

/// <summary>The values of one metric under one set of labels.</summary>
internal abstract class Series
{
    /// <summary>Scrape in which an observable instrument reported it last.</summary>
    public long SeenInScrape { get; set; }

    public abstract void Record(double value);

    public abstract void Write(StringBuilder text, string name, string labels);

    public static string Format(double value) => value switch
    {
        double.PositiveInfinity => "+Inf",
        double.NegativeInfinity => "-Inf",
        _ => value.ToString("R", CultureInfo.InvariantCulture),
    };

    protected static void Line(StringBuilder text, string name, string labels, string value)
    {
        text.Append(name);
        if (labels.Length > 0)
        {
            text.Append('{').Append(labels).Append('}');
        }

        text.Append(' ').Append(value).Append('\n');
    }
}

/// <summary>Adds up what is recorded: counters and up-down counters.</summary>
internal sealed class SumSeries : Series
{
    private double sum;

    public override void Record(double value)
    {
        double seen = Volatile.Read(ref sum);
        while (true)
        {
            double before = Interlocked.CompareExchange(ref sum, seen + value, seen);
            if (before.Equals(seen))
            {
                return;
            }

            seen = before;
        }
    }

    public override void Write(StringBuilder text, string name, string labels) => Line(text, name, labels, Format(Volatile.Read(ref sum)));
}

/// <summary>Keeps what was recorded last: gauges, and all observable instruments.</summary>
internal sealed class LastSeries : Series
{
    private double last;

    public override void Record(double value) => Volatile.Write(ref last, value);

    public override void Write(StringBuilder text, string name, string labels) => Line(text, name, labels, Format(Volatile.Read(ref last)));
}

/// <summary>Counts values by upper bounds.</summary>
internal sealed class HistogramSeries(double[] bounds) : Series
{
    private readonly Lock gate = new();
    private readonly long[] counts = new long[bounds.Length + 1];
    private double sum;

    public override void Record(double value)
    {
        if (double.IsNaN(value))
        {
            return;
        }

        int bucket = Array.BinarySearch(bounds, value);
        lock (gate)
        {
            counts[bucket >= 0 ? bucket : ~bucket]++; // a bound belongs to its bucket: le means at most
            sum += value;
        }
    }

    public override void Write(StringBuilder text, string name, string labels)
    {
        long[] snapshot;
        double total;
        lock (gate)
        {
            snapshot = [.. counts];
            total = sum;
        }

        string separator = labels.Length > 0 ? "," : "";
        long cumulative = 0;
        for (int i = 0; i < snapshot.Length; i++)
        {
            cumulative += snapshot[i];
            string bound = i < bounds.Length ? Format(bounds[i]) : "+Inf";
            Line(text, name + "_bucket", $"{labels}{separator}le=\"{bound}\"", cumulative.ToString(CultureInfo.InvariantCulture));
        }

        Line(text, name + "_sum", labels, Format(total));
        Line(text, name + "_count", labels, cumulative.ToString(CultureInfo.InvariantCulture));
    }
}
