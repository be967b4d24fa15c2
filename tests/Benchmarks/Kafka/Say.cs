using System.Diagnostics;

namespace StreamPlatform.Tests.Benchmarks.Kafka;

/// <summary>What a person waiting sees; on stderr, because stdout belongs to the result.</summary>
internal static class Say
{
    private static readonly Stopwatch Since = Stopwatch.StartNew();

    public static void Line(string text) => Console.Error.WriteLine($"[{Since.Elapsed:mm\\:ss}] {text}");
}
