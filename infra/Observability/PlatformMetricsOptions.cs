namespace StreamPlatform.Observability;

/// <summary>What /metrics shows.</summary>
public sealed class PlatformMetricsOptions
{
    /// <summary>Meters whose names start with one of these are shown.</summary>
    public IReadOnlyList<string> MeterPrefixes { get; set; } =
        ["StreamPlatform", "Npgsql", "System.Runtime", "Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Server.Kestrel"];

    /// <summary>
    /// Label sets kept per metric; all further ones are counted together under {overflow="true"}. Default 1000, range 1..100000.
    /// </summary>
    public int MaxSeriesPerMetric { get; set; } = 1000;

    /// <summary>Metrics kept; further instruments are left out. Default 2000, range 1..100000.</summary>
    public int MaxMetrics { get; set; } = 2000;

    /// <exception cref="ArgumentException">A value is outside its range; the message names it.</exception>
    public void Validate()
    {
        if (MaxSeriesPerMetric is < 1 or > 100_000)
        {
            throw new ArgumentException($"PlatformMetricsOptions.MaxSeriesPerMetric is {MaxSeriesPerMetric}, accepted: 1..100000");
        }

        if (MaxMetrics is < 1 or > 100_000)
        {
            throw new ArgumentException($"PlatformMetricsOptions.MaxMetrics is {MaxMetrics}, accepted: 1..100000");
        }
    }
}
