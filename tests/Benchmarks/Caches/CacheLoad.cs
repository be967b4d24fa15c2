using System.Diagnostics;
using System.Text.Json.Nodes;

namespace StreamPlatform.Tests.Benchmarks.Caches;

/// <summary>Clients that ask one after the other as fast as they are answered, and what each answer took.</summary>
internal static class CacheLoad
{
    /// <param name="clients">At once.</param>
    /// <param name="requests">In all.</param>
    /// <param name="ask">The request of this number.</param>
    /// <returns>Clients, requests/s, milliseconds at the 50th, 95th and 99th percentile, processor time of this process per request.</returns>
    public static async Task<JsonObject> RunAsync(int clients, int requests, Func<int, Task> ask)
    {
        var took = new double[requests];
        var next = -1;
        var (clock, used) = (Stopwatch.StartNew(), ClientSeconds());
        await Task.WhenAll(Enumerable.Range(0, clients).Select(_ => Task.Run(async () =>
        {
            for (int i; (i = Interlocked.Increment(ref next)) < requests;)
            {
                var since = Stopwatch.GetTimestamp();
                await ask(i);
                took[i] = Stopwatch.GetElapsedTime(since).TotalMilliseconds;
            }
        })));
        var (seconds, client) = (clock.Elapsed.TotalSeconds, ClientSeconds() - used);
        Array.Sort(took);
        return new()
        {
            ["clients"] = clients, ["requests_per_s"] = Math.Round(requests / seconds),
            ["p50_ms"] = At(took, 0.5), ["p95_ms"] = At(took, 0.95), ["p99_ms"] = At(took, 0.99),
            ["client_us_per_request"] = Math.Round(client * 1e6 / requests, 1),
        };
    }

    private static double ClientSeconds() => Process.GetCurrentProcess().TotalProcessorTime.TotalSeconds;

    private static double At(double[] sorted, double share) => Math.Round(sorted[(int)(sorted.Length * share)], 3);
}
