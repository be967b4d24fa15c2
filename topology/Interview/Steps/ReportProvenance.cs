using StreamPlatform.Schemas.V1;
using StreamPlatform.Topology.State;

namespace StreamPlatform.Topology.Steps;

/// <summary>What produced the parts of a report, and what they cost.</summary>
public static class ReportProvenance
{
    private const string Scoring = "scoring";

    /// <summary>Sums of the same amounts in another order differ by less, US dollars.</summary>
    private const double Rounding = 1e-9;

    /// <summary>Models, engines, rubrics and prompts, each with the answers it served.</summary>
    public static IEnumerable<EngineVersion> Versions(ReportTotals totals, FaceTrack faces, IReadOnlyList<AnswerScored> scores) =>
    [
        .. faces.ModelVersions.Select(v => new EngineVersion { Part = "emotion", Name = "face models", Version = v }),
        .. Counted("transcription", totals.Speech.Values.Where(s => s.Engine.Length > 0).Select(s => (s.Engine, ""))),
        .. Counted("scoring", scores.Select(s => (Name(s), Version(s)))),
    ];

    /// <summary>Per part that was charged, by name. What the scores themselves say was paid stands in where the events of their calls say less: they may have been lost with a process.</summary>
    public static IReadOnlyList<ReportCost> Costs(ReportTotals totals)
    {
        var costs = totals.Costs.GroupBy(c => Part(c.Key), StringComparer.Ordinal).ToDictionary(
            part => part.Key, part => new ReportCost { Part = part.Key, Usd = part.Sum(c => c.Value.Usd), Calls = part.Sum(c => c.Value.Calls) }, StringComparer.Ordinal);
        if (totals.ScoringCalls > 0 && totals.ScoringUsd > (costs.GetValueOrDefault(Scoring)?.Usd ?? 0) + Rounding)
        {
            costs[Scoring] = new ReportCost { Part = Scoring, Usd = totals.ScoringUsd, Calls = totals.ScoringCalls };
        }

        return [.. costs.Values.OrderBy(c => c.Part, StringComparer.Ordinal)];
    }

    private static string Part(string task) => task switch
    {
        "score" => Scoring,
        "question" => "questions",
        "follow-up" => "follow-ups",
        "transcribe" => "transcription",
        "speak" => "speech",
        _ => task,
    };

    private static string Name(AnswerScored score) => score.Model.Length > 0 ? $"{score.Engine} ({score.Model})" : score.Engine;

    private static string Version(AnswerScored score) =>
        score.PromptVersion.Length > 0 ? $"rubric {score.RubricVersion}, prompt {score.PromptVersion}" : $"rubric {score.RubricVersion}";

    private static IEnumerable<EngineVersion> Counted(string part, IEnumerable<(string Name, string Version)> uses) =>
        uses.GroupBy(u => u).OrderBy(g => g.Key.Name, StringComparer.Ordinal).ThenBy(g => g.Key.Version, StringComparer.Ordinal)
            .Select(g => new EngineVersion { Part = part, Name = g.Key.Name, Version = g.Key.Version, Uses = g.Count() });
}
