using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Text.Json.Nodes;
using StreamPlatform.Observability;
using StreamPlatform.Tests.Unit.House;

namespace StreamPlatform.Tests.Unit.Observability;

public sealed class PlatformMetricsTests : IDisposable
{
    // a meter of its own per test: tests run side by side
    private readonly string meterName = "test-" + Guid.NewGuid().ToString("N");
    private readonly Meter meter;

    public PlatformMetricsTests() => meter = new Meter(meterName, null, [new("app", "emotion"), new("shared", "meter")]);

    public void Dispose() => meter.Dispose();

    [Fact]
    public void Instruments_appear_by_Prometheus_rules()
    {
        using PlatformMetrics metrics = Metrics();
        meter.CreateCounter<long>("gateway.acked", "{message}", "Messages.\nTwo lines, one \\.").Add(3, [new("stream", "frames")]);
        meter.CreateUpDownCounter<int>("open sockets").Add(-2);
        meter.CreateGauge<double>("heap.size", "By").Record(1.5);
        meter.CreateObservableCounter("9lives", () => 9L);
        string text = metrics.Write();
        Assert.Equal("""
            # TYPE _9lives_total counter
            _9lives_total{app="emotion",shared="meter"} 9
            # HELP gateway_acked_total Messages.\nTwo lines, one \\.
            # TYPE gateway_acked_total counter
            gateway_acked_total{app="emotion",shared="meter",stream="frames"} 3
            # TYPE heap_size_bytes gauge
            heap_size_bytes{app="emotion",shared="meter"} 1.5
            # TYPE open_sockets gauge
            open_sockets{app="emotion",shared="meter"} -2

            """, text);
    }

    [Fact]
    public void A_histogram_counts_at_most_its_bound_and_cumulates()
    {
        using PlatformMetrics metrics = Metrics();
        Histogram<double> histogram = meter.CreateHistogram("commit.duration", "ms", null, null, new InstrumentAdvice<double> { HistogramBucketBoundaries = [1, 10] });
        foreach (double value in (double[])[0.5, 1, 5, 10.5, double.NaN])
        {
            histogram.Record(value);
        }

        const string L = "app=\"emotion\",shared=\"meter\"";
        Assert.Equal(
            [
                "# TYPE commit_duration_milliseconds histogram",
                $"commit_duration_milliseconds_bucket{{{L},le=\"1\"}} 2",
                $"commit_duration_milliseconds_bucket{{{L},le=\"10\"}} 3",
                $"commit_duration_milliseconds_bucket{{{L},le=\"+Inf\"}} 4",
                $"commit_duration_milliseconds_sum{{{L}}} 17",
                $"commit_duration_milliseconds_count{{{L}}} 4",
            ],
            metrics.Write().Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    [Fact]
    public void Tags_in_any_order_are_one_series_and_the_measurements_own_win()
    {
        using PlatformMetrics metrics = Metrics();
        Counter<int> counter = meter.CreateCounter<int>("c");
        counter.Add(1, [new("b", 1), new("a", true)]);
        counter.Add(1, [new("a", true), new("b", 1), new("shared", "own")]);
        counter.Add(1, [new("shared", "own"), new("a", true), new("b", 1)]);
        Assert.Equal(
            ["# TYPE c_total counter", "c_total{a=\"True\",app=\"emotion\",b=\"1\",shared=\"meter\"} 1", "c_total{a=\"True\",app=\"emotion\",b=\"1\",shared=\"own\"} 2"],
            metrics.Write().Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    [Fact]
    public void Label_sets_over_the_bound_are_counted_together()
    {
        using PlatformMetrics metrics = Metrics(maxSeries: 3);
        Counter<int> counter = meter.CreateCounter<int>("c");
        for (int session = 0; session < 100; session++)
        {
            counter.Add(1, [new("session", session)]);
        }

        string[] lines = [.. metrics.Write().Split('\n').Where(l => l.StartsWith("c_total", StringComparison.Ordinal))];
        Assert.Equal(4, lines.Length);
        Assert.Contains("c_total{overflow=\"true\"} 97", lines);
    }

    [Fact]
    public void An_observable_series_that_is_no_longer_reported_is_gone_and_a_failing_one_hides_no_other()
    {
        using PlatformMetrics metrics = Metrics();
        int partitions = 2;
        meter.CreateObservableGauge("lag", () => Enumerable.Range(0, partitions).Select(p => new Measurement<int>(p, new KeyValuePair<string, object?>("partition", p))));
        meter.CreateObservableGauge("bad", new Func<int>(() => throw new InvalidOperationException("no")));
        Assert.Equal(2, metrics.Write().Split('\n').Count(l => l.StartsWith("lag{", StringComparison.Ordinal)));
        partitions = 1;
        Assert.Equal(1, metrics.Write().Split('\n').Count(l => l.StartsWith("lag{", StringComparison.Ordinal)));
    }

    [Fact]
    public void Concurrent_additions_are_all_counted()
    {
        using PlatformMetrics metrics = Metrics();
        Counter<long> counter = meter.CreateCounter<long>("c");
        Parallel.For(0, 8, t =>
        {
            for (int i = 0; i < 10_000; i++)
            {
                counter.Add(1, [new("t", t % 2)]);
            }
        });
        Assert.Equal(2, metrics.Write().Split('\n').Count(l => l.EndsWith(" 40000", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task An_independent_parser_reads_the_exposition()
    {
        Assert.SkipUnless(
            Directory.Exists(Repository.File("tests/js/node_modules/parse-prometheus-text-format")), "tests/js/node_modules is missing: run 'npm ci' in tests/js");
        using PlatformMetrics metrics = Metrics();
        meter.CreateCounter<long>("odd.labels", null, "quote \" back \\ line").Add(2, [new("v", "a\"b\\c\nd,e=}"), new("unit/s", 1.5)]);
        meter.CreateHistogram<double>("lat", "s").Record(0.3);

        var start = new ProcessStartInfo("node", ["--input-type=module", "-e",
            "import p from 'parse-prometheus-text-format'; let s=''; for await (const c of process.stdin) s+=c; console.log(JSON.stringify((p.default ?? p)(s)))"])
        {
            WorkingDirectory = Repository.File("tests/js"), RedirectStandardInput = true, RedirectStandardOutput = true,
        };
        using Process node = Process.Start(start)!;
        await node.StandardInput.WriteAsync(metrics.Write());
        node.StandardInput.Close();
        JsonArray families = (JsonArray)JsonNode.Parse(await node.StandardOutput.ReadToEndAsync())!;
        await node.WaitForExitAsync();

        JsonNode counter = families.Single(f => (string?)f!["name"] == "odd_labels_total")!;
        Assert.Equal(("COUNTER", "quote \" back \\ line"), ((string?)counter["type"], (string?)counter["help"]));
        Assert.Equal("2", (string?)counter["metrics"]![0]!["value"]);
        Assert.Equal("a\"b\\c\nd,e=}", (string?)counter["metrics"]![0]!["labels"]!["v"]);
        Assert.Equal("1.5", (string?)counter["metrics"]![0]!["labels"]!["unit_s"]);
        JsonNode histogram = families.Single(f => (string?)f!["name"] == "lat_seconds")!;
        Assert.Equal("HISTOGRAM", (string?)histogram["type"]);
        Assert.Equal(("0", "1"), ((string?)histogram["metrics"]![0]!["buckets"]!["0.25"], (string?)histogram["metrics"]![0]!["buckets"]!["0.5"]));
    }

    private PlatformMetrics Metrics(int maxSeries = 1000) => new(new() { MeterPrefixes = [meterName], MaxSeriesPerMetric = maxSeries });
}
