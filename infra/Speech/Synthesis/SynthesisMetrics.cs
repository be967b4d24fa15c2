using System.Diagnostics.Metrics;

namespace StreamPlatform.Speech.Synthesis;

/// <summary>Instruments of reading aloud.</summary>
internal static class SynthesisMetrics
{
    private static readonly Meter Meter = new("StreamPlatform.Synthesis");

    private static readonly Counter<long> Requests = Meter.CreateCounter<long>("synthesis.requests", "{text}", "Texts to be spoken, by engine (text = none spoke) and use of the cache.");

    private static readonly Counter<long> Failures = Meter.CreateCounter<long>("synthesis.failures", "{text}", "Texts that an engine did not speak, by engine.");

    private static readonly Histogram<double> Duration = Meter.CreateHistogram<double>("synthesis.duration", "ms", "Time of an engine for one text, by engine.");

    public static void Requested(string engine, string cache) => Requests.Add(1, new("engine", engine), new KeyValuePair<string, object?>("cache", cache));

    public static void Failed(string engine) => Failures.Add(1, new KeyValuePair<string, object?>("engine", engine));

    public static void Took(string engine, TimeSpan elapsed) => Duration.Record(elapsed.TotalMilliseconds, new KeyValuePair<string, object?>("engine", engine));
}
