using StreamPlatform.Schemas.V1;
using StreamPlatform.Topology.Steps;

namespace StreamPlatform.Tests.Unit.Topology;

public sealed class ScoreStepsTests
{
    private static readonly Question Question = new() { Id = "q", Index = 2, Text = "Why?" };

    [Fact]
    public void A_corrected_transcript_outranks_every_decision_on_the_text_before_it()
    {
        AnswerToScore first = ScoreSteps.FromTranscript(Completed(0, 0.9f)).Single(), corrected = ScoreSteps.FromTranscript(Completed(1, 1)).Single();
        Assert.Equal((0, 1000), (first.Revision, corrected.Revision));
        Assert.True(corrected.Revision > first.Revision + 1);
        Assert.Equal(int.MaxValue / 1000 * 1000 - 1000, ScoreRevisions.OfText(int.MaxValue));
    }

    [Theory]
    [InlineData(0.69f, true)]
    [InlineData(0.7f, false)]
    public async Task What_was_recognised_without_certainty_is_marked_for_a_person(float confidence, bool marked)
    {
        AnswerScored score = await ScoreSteps.ScoreAsync(new Model(), ScoreSteps.FromTranscript(Completed(0, confidence)).Single(), TimeProvider.System, TestContext.Current.CancellationToken);
        Assert.Equal(marked, score.NeedsHumanReview);
        Assert.Equal(marked ? [ScoreFlags.LowConfidence] : Array.Empty<string>(), score.Flags);
        Assert.Equal(marked, score.ReviewReason.Length > 0);
        Assert.Equal(("m-1", 0.01, "1/abc"), (score.Model, score.CostUsd, score.PromptVersion));
    }

    private static Transcript Completed(int revision, float confidence) => new()
    {
        Completed = new() { AnswerId = "s/2", SessionId = "s", Tenant = "t", Question = Question, Text = "Because.", Confidence = confidence, Revision = revision },
    };

    private sealed class Model : ILanguageModel
    {
        public ValueTask<Evaluation> EvaluateAsync(AnswerToScore answer, CancellationToken cancellationToken) => ValueTask.FromResult(
            new Evaluation(50, 60, "Fine.", [], false, "") { Engine = "e", RubricVersion = "1", Model = "m-1", CostUsd = 0.01m, PromptVersion = "1/abc" });
    }
}
