using Microsoft.Extensions.Logging.Abstractions;
using StreamPlatform.LanguageModels;
using StreamPlatform.LanguageModels.Provider;
using StreamPlatform.TestProvider;
using StreamPlatform.Tests.Unit.LanguageModels;
using StreamPlatform.Topology.Questions;

namespace StreamPlatform.Tests.Unit.Providers;

/// <summary>F10 as far as answers go: whatever the provider does, with the real client over HTTP, every answer ends scored or flagged.</summary>
public sealed class ScoringFaultTests
{
    private const string Id = "exactly-once-consumer";

    [Theory]
    [InlineData(FaultKind.RateLimit)]
    [InlineData(FaultKind.RateLimitWithoutTime)]
    [InlineData(FaultKind.Quota)]
    [InlineData(FaultKind.ServerError)]
    [InlineData(FaultKind.Unavailable)]
    [InlineData(FaultKind.Unauthorized)]
    [InlineData(FaultKind.Disconnect)]
    [InlineData(FaultKind.MalformedJson)]
    [InlineData(FaultKind.TruncatedJson)]
    [InlineData(FaultKind.WrongSchema)]
    [InlineData(FaultKind.EmptyAnswer)]
    public async Task A_lasting_fault_leaves_every_answer_scored_offline_and_flagged(FaultKind fault)
    {
        await using var bench = await ProviderBench.StartAsync();
        bench.Server.Faults.Set(new Fault { Kind = fault });
        var model = Model(bench);
        foreach (var honest in HonestAnswer.All.Take(4))
        {
            var evaluation = await EvaluateAsync(model, honest.Question, honest.Text);
            Assert.True(evaluation.NeedsHumanReview);
            Assert.NotEmpty(evaluation.Flags);
            Assert.Equal(OfflineRubric.Evaluate(QuestionBank.Default.Get(honest.Question), honest.Text).Technical, evaluation.Technical);
        }
    }

    [Fact]
    public async Task With_half_of_all_requests_failing_every_answer_ends_scored_or_flagged()
    {
        await using var bench = await ProviderBench.StartAsync();
        bench.Server.Faults.Set(new Fault { Kind = FaultKind.ServerError, Probability = 0.3 }, new Fault { Kind = FaultKind.MalformedJson, Probability = 0.3 });
        var model = Model(bench);
        var evaluations = await Task.WhenAll(HonestAnswer.All.Select(honest => EvaluateAsync(model, honest.Question, honest.Text)));
        Assert.All(evaluations, e => Assert.True(e.Engine == ProviderLanguageModel.EngineName ? e.Flags.Count == 0 : e.Flags.Count > 0 && e.NeedsHumanReview));
        TestContext.Current.SendDiagnosticMessage($"{evaluations.Count(e => e.Engine == ProviderLanguageModel.EngineName)} of {evaluations.Length} by the model, the others flagged");
    }

    [Fact]
    public async Task A_model_that_obeys_over_HTTP_gains_nothing_even_without_the_detector()
    {
        await using var bench = await ProviderBench.StartAsync(chat: new GullibleChat());
        var guarded = Model(bench);
        var unguarded = Model(bench, detect: false);
        var vague = SampleAnswers.All[Id].Vague;
        var clean = OfflineRubric.Evaluate(QuestionBank.Default.Get(Id), vague);
        foreach (var attempt in InjectionAttempt.All)
        {
            var released = await EvaluateAsync(guarded, Id, $"{vague}\n{attempt.Text}");
            Assert.True(released.Technical <= clean.Technical + 5 && (released.NeedsHumanReview || released.Technical <= clean.Technical + 35), $"{attempt.Id}: {released.Technical}");
            var bare = await EvaluateAsync(unguarded, Id, $"{vague}\n{attempt.Text}");
            Assert.True(bare.NeedsHumanReview || bare.Technical <= clean.Technical + 35, $"{attempt.Id} without the detector: {bare.Technical}");
        }
    }

    [Fact]
    public async Task A_sensible_model_over_HTTP_scores_a_good_answer()
    {
        await using var bench = await ProviderBench.StartAsync();
        var evaluation = await EvaluateAsync(Model(bench), Id, SampleAnswers.All[Id].Good);
        Assert.Equal((ProviderLanguageModel.EngineName, false), (evaluation.Engine, evaluation.NeedsHumanReview));
        Assert.Empty(evaluation.Flags);
        Assert.NotEmpty(evaluation.Evidence);
        Assert.Equal("score", Assert.Single(bench.Calls).Context.Task);
    }

    private static async Task<Evaluation> EvaluateAsync(ProviderLanguageModel model, string question, string answer) =>
        await model.EvaluateAsync(new("s/0", "s", "acme", QuestionBank.Default.Get(question), answer), TestContext.Current.CancellationToken);

    private static ProviderLanguageModel Model(ProviderBench bench, bool detect = true) => new(
        bench.Set.Chat, new() { DetectInstructions = detect, DeadlineMs = 110_000, AttemptTimeoutMs = 100_000 }, TimeProvider.System, NullLogger<ProviderLanguageModel>.Instance);

    private sealed class GullibleChat : IChatResponder
    {
        private readonly IChatResponder model = ChatModels.Named("gullible");

        public string Answer(ChatPrompt prompt) => model.Answer(prompt);
    }
}
