using StreamPlatform.Schemas.V1;
using StreamPlatform.Topology.Ports;

namespace StreamPlatform.Topology.Steps;

/// <summary>Steps of the scoring processor.</summary>
public static class ScoreSteps
{
    /// <summary>Recogniser's confidence below which a person must look at the score, 0..1.</summary>
    public const float LowConfidence = 0.7f;

    /// <summary>Typed answers are scored at once; of spoken ones the transcript is.</summary>
    public static IReadOnlyList<AnswerToScore> FromAnswer(AnswerSubmitted answer) =>
        answer.Kind == AnswerKind.Typed ? [new(answer.AnswerId, answer.SessionId, answer.Tenant, answer.Question, answer.Text)] : [];

    /// <summary>Completed transcripts are scored, segments are not. A corrected one is scored again, under a higher revision.</summary>
    public static IReadOnlyList<AnswerToScore> FromTranscript(Transcript transcript) =>
        transcript.Completed is { } done ? [new(done.AnswerId, done.SessionId, done.Tenant, done.Question, done.Text, done.Confidence, ScoreRevisions.OfText(done.Revision))] : [];

    /// <summary>Evaluates one answer; scores are clamped to 0..100. What the recogniser was unsure of is marked for a person.</summary>
    public static async Task<AnswerScored> ScoreAsync(ILanguageModel model, AnswerToScore answer, TimeProvider time, CancellationToken ct)
    {
        var evaluation = await model.EvaluateAsync(answer, ct);
        var unsure = answer.Confidence < LowConfidence; // a person who corrected the text is sure
        string[] flags = [.. evaluation.Flags, .. unsure ? [ScoreFlags.LowConfidence] : Array.Empty<string>()];
        var reason = unsure ? $"{evaluation.ReviewReason} {ScoreFlags.Explain(ScoreFlags.LowConfidence)}".Trim() : evaluation.ReviewReason;
        return new AnswerScored
        {
            AnswerId = answer.AnswerId,
            SessionId = answer.SessionId,
            Tenant = answer.Tenant,
            QuestionId = answer.Question.Id,
            QuestionIndex = answer.Question.Index,
            Technical = Math.Clamp(evaluation.Technical, 0, 100),
            Communication = Math.Clamp(evaluation.Communication, 0, 100),
            Feedback = evaluation.Feedback,
            Evidence = { evaluation.Evidence },
            Engine = evaluation.Engine,
            RubricVersion = evaluation.RubricVersion,
            NeedsHumanReview = evaluation.NeedsHumanReview || unsure,
            ReviewReason = reason,
            ScoredAtMs = time.GetUtcNow().ToUnixTimeMilliseconds(),
            PromptVersion = evaluation.PromptVersion,
            Model = evaluation.Model,
            CostUsd = (double)evaluation.CostUsd,
            Flags = { flags },
            Revision = answer.Revision,
        };
    }
}
