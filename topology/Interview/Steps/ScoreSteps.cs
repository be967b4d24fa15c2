using StreamPlatform.Schemas.V1;
using StreamPlatform.Topology.Ports;

namespace StreamPlatform.Topology.Steps;

/// <summary>An answer as text, typed or transcribed, ready to be scored.</summary>
public sealed record AnswerText(string AnswerId, string SessionId, string Tenant, Question Question, string Text);

/// <summary>Steps of the scoring processor.</summary>
public static class ScoreSteps
{
    /// <summary>Typed answers are scored at once; of spoken ones the transcript is.</summary>
    public static IReadOnlyList<AnswerText> FromAnswer(AnswerSubmitted answer) =>
        answer.Kind == AnswerKind.Typed ? [new(answer.AnswerId, answer.SessionId, answer.Tenant, answer.Question, answer.Text)] : [];

    /// <summary>Completed transcripts are scored, segments are not.</summary>
    public static IReadOnlyList<AnswerText> FromTranscript(Transcript transcript) =>
        transcript.Completed is { } done ? [new(done.AnswerId, done.SessionId, done.Tenant, done.Question, done.Text)] : [];

    /// <summary>Evaluates one answer; scores are clamped to 0..100.</summary>
    public static async Task<AnswerScored> ScoreAsync(ILanguageModel model, AnswerText answer, TimeProvider time, CancellationToken ct)
    {
        var evaluation = await model.EvaluateAsync(answer.Question, answer.Text, ct);
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
            Engine = model.Engine,
            RubricVersion = model.RubricVersion,
            NeedsHumanReview = evaluation.NeedsHumanReview,
            ReviewReason = evaluation.ReviewReason,
            ScoredAtMs = time.GetUtcNow().ToUnixTimeMilliseconds(),
        };
    }
}
