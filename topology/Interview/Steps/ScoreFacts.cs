using Google.Protobuf;
using StreamPlatform.Schemas.V1;

namespace StreamPlatform.Topology.Steps;

/// <summary>What a score says about itself beyond its numbers.</summary>
public static class ScoreFacts
{
    private static readonly string[] InjectionWords = ["inject", "instruction", "canary", "addressed to the scorer"];

    /// <summary>0 as first scored; each later evaluation or override counts one up.</summary>
    public static int Revision(AnswerScored score) => (int)Fields.Number(score, "revision");

    /// <summary>User id of the person who set the score; empty when an engine did.</summary>
    public static string Person(AnswerScored score) => Fields.Text(Override(score), "reviewer");

    /// <summary>Why the person set it; empty when an engine did.</summary>
    public static string PersonsReason(AnswerScored score) => Fields.Text(Override(score), "reason");

    /// <summary>When the person set it, Unix milliseconds; 0 when an engine did.</summary>
    public static long DecidedAtMs(AnswerScored score) => (long)Fields.Number(Override(score), "decided_at_ms");

    /// <summary>Technical, communication and engine of the score that the person replaced; null when an engine's score is in force.</summary>
    public static (float Technical, float Communication, string Engine)? Replaced(AnswerScored score) => Override(score) is { } by
        ? ((float)Fields.Number(by, "previous_technical"), (float)Fields.Number(by, "previous_communication"), Fields.Text(by, "previous_engine"))
        : null;

    /// <summary>Model that scored; empty when the engine is its own model.</summary>
    public static string Model(AnswerScored score) => Fields.Text(score, "model");

    /// <summary>Version and hash of the prompt; empty when no model was asked.</summary>
    public static string PromptVersion(AnswerScored score) => Fields.Text(score, "prompt_version");

    /// <summary>US dollars that the evaluation cost; 0 = nothing was charged.</summary>
    public static double CostUsd(AnswerScored score) => Fields.Number(score, "cost_usd");

    /// <summary>What was caught, in a word each.</summary>
    public static IReadOnlyList<string> Flags(AnswerScored score) => Fields.Texts(score, "flags");

    /// <summary>The answer spoke to the scorer instead of answering.</summary>
    public static bool Injection(AnswerScored score) =>
        Flags(score).Append(score.ReviewReason).Any(text => InjectionWords.Any(word => text.Contains(word, StringComparison.OrdinalIgnoreCase)));

    private static IMessage? Override(AnswerScored score) => Fields.Part(score, "override");
}
