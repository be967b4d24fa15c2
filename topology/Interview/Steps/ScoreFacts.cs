using StreamPlatform.Schemas.V1;
using StreamPlatform.Topology.Ports;

namespace StreamPlatform.Topology.Steps;

/// <summary>What a score says about itself beyond its numbers.</summary>
public static class ScoreFacts
{
    /// <summary>Flags that say: the answer spoke to the scorer instead of answering, or made a model do what it must not.</summary>
    private static readonly HashSet<string> InjectionFlags =
        [ScoreFlags.InstructionLike, ScoreFlags.CanaryWrong, ScoreFlags.CanaryLeaked, ScoreFlags.EvidenceForged, ScoreFlags.FeedbackSuspicious];

    /// <summary>A person set it.</summary>
    public static bool ByPerson(AnswerScored score) => score.Override is not null;

    /// <summary>The answer spoke to the scorer instead of answering. The offline rubric says so in its reason.</summary>
    public static bool Injection(AnswerScored score) =>
        score.Flags.Any(flag => InjectionFlags.Contains(flag.Split(':')[0])) || score.ReviewReason.Contains("addressed to the scorer", StringComparison.Ordinal);
}
