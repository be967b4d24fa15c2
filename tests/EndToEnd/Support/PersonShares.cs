using System.Text.Json.Nodes;
using StreamPlatform.Cli.Demo;
using StreamPlatform.Inference.Demo;

namespace StreamPlatform.Tests.EndToEnd.Support;

/// <summary>
/// Which person the camera showed for which part of a window: one person per question, and windows start on multiples of 10 s,
/// so a window may show two of them.
/// </summary>
public sealed class PersonShares
{
    private readonly IReadOnlyList<(long FromMs, long ToMs)> onCamera;

    /// <param name="results">The results API's answer, with the times of each answer.</param>
    public PersonShares(JsonObject results) => onCamera =
        [.. results["answers"]!.AsArray().OrderBy(a => Long(a!["questionIndex"])).Select(a => (Long(a!["startedAtMs"]), Long(a["submittedAtMs"])))];

    /// <summary>Part of the window's time for each person of <see cref="DemoMaterialLoader.People"/>; adds up to 1.</summary>
    public IReadOnlyList<double> Of(JsonNode window)
    {
        var start = Long(window["start"]);
        var overlaps = onCamera.Select(p => (double)Math.Max(0, Math.Min(p.ToMs, start + 10_000) - Math.Max(p.FromMs, start))).ToList();
        return [.. overlaps.Select(o => o / overlaps.Sum())];
    }

    /// <summary>The reference's means of the persons, mixed by their shares.</summary>
    public static IReadOnlyDictionary<string, double> Mix(IReadOnlyList<double> shares) => DemoOutcome.Classes.ToDictionary(
        c => c, c => shares.Select((share, i) => share * ExpectedWindow.Of(DemoMaterialLoader.People[i]).Mean[c]).Sum());

    private static long Long(JsonNode? node) => (long)node!.GetValue<double>();
}
