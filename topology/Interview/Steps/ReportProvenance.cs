using StreamPlatform.Schemas.V1;
using StreamPlatform.Topology.State;

namespace StreamPlatform.Topology.Steps;

/// <summary>What produced the parts of a report, and what they cost.</summary>
public static class ReportProvenance
{
    /// <summary>Models, engines, rubrics and prompts, each with the answers it served.</summary>
    public static IEnumerable<EngineVersion> Versions(ReportTotals totals, FaceTrack faces, IReadOnlyList<AnswerScored> scores) =>
    [
        .. faces.ModelVersions.Select(v => new EngineVersion { Part = "emotion", Name = "face models", Version = v }),
        .. Counted("transcription", totals.Speech.Values.Where(s => s.Engine.Length > 0).Select(s => (s.Engine, ""))),
        .. Counted("scoring", scores.Select(s => (Name(s), Version(s)))),
    ];

    /// <summary>Per part that was charged.</summary>
    public static IReadOnlyList<ReportCost> Costs(ReportTotals totals) =>
        totals.ScoringCalls == 0 ? [] : [new ReportCost { Part = "scoring", Usd = totals.ScoringUsd, Calls = totals.ScoringCalls }];

    private static string Name(AnswerScored score) => score.Model.Length > 0 ? $"{score.Engine} ({score.Model})" : score.Engine;

    private static string Version(AnswerScored score) =>
        score.PromptVersion.Length > 0 ? $"rubric {score.RubricVersion}, prompt {score.PromptVersion}" : $"rubric {score.RubricVersion}";

    private static IEnumerable<EngineVersion> Counted(string part, IEnumerable<(string Name, string Version)> uses) =>
        uses.GroupBy(u => u).OrderBy(g => g.Key.Name, StringComparer.Ordinal).ThenBy(g => g.Key.Version, StringComparer.Ordinal)
            .Select(g => new EngineVersion { Part = part, Name = g.Key.Name, Version = g.Key.Version, Uses = g.Count() });
}
