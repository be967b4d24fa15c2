using System.Text.Json.Nodes;
using StreamPlatform.Tests.Benchmarks.Kafka;

namespace StreamPlatform.Tests.Benchmarks.Interviews;

/// <summary>Doubles the number of interviews until one is not held, then halves the distance, a few times.</summary>
internal static class LevelSearch
{
    private const int First = 5;
    private const int Most = 640;
    private const int Bisections = 3;

    /// <param name="run">Runs a level; "passed" of its result counts.</param>
    /// <param name="limit">No level is begun later than this after the first one.</param>
    /// <returns>The highest level that was held, 0 = none, and every level in the order of running.</returns>
    public static async Task<(int Held, JsonArray Levels)> RunAsync(Func<int, Task<JsonObject>> run, TimeSpan limit)
    {
        var started = TimeProvider.System.GetTimestamp();
        var levels = new JsonArray();
        var (held, failed) = (0, 0);
        for (var level = First; level <= Most && failed == 0; level *= 2) await TryAsync(level);
        for (var i = 0; i < Bisections && failed - held > Math.Max(1, held / 8); i++) await TryAsync((held + failed) / 2);
        return (held, levels);

        async Task TryAsync(int level)
        {
            if (TimeProvider.System.GetElapsedTime(started) > limit)
            {
                Say.Line($"no time is left for {level} interviews");
                return;
            }

            var result = await run(level);
            levels.Add(result);
            if (result["passed"]!.GetValue<bool>()) held = level;
            else failed = level;
        }
    }
}
