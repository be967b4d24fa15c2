using Microsoft.Extensions.Logging.Abstractions;
using StreamPlatform.LanguageModels;
using StreamPlatform.LanguageModels.Provider;
using StreamPlatform.Providers;
using StreamPlatform.Schemas.V1;
using StreamPlatform.Tests.Unit.Gateway;
using StreamPlatform.Topology.Questions;

namespace StreamPlatform.Tests.Unit.LanguageModels;

public sealed class ProviderLanguageModelTests
{
    private const string Answer = "I put the output records and the consumer's offsets into a single Kafka transaction, so both are committed atomically. The producer has a stable transactional id.";

    private static readonly Question Question = QuestionBank.Default.Get("exactly-once-consumer");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_sound_verdict_is_released_with_model_prompt_version_and_cost()
    {
        FakeChat chat = new((request, _) => Good(request, 55, 70));
        ProviderLanguageModel model = Model(chat);
        Evaluation evaluation = await model.EvaluateAsync(ToScore(Answer), Cancel);
        Assert.Equal((55f, 70f, false, ""), (evaluation.Technical, evaluation.Communication, evaluation.NeedsHumanReview, evaluation.ReviewReason));
        Assert.Equal(("provider", "fake-1", 0.01m, model.PromptVersion), (evaluation.Engine, evaluation.Model, evaluation.CostUsd, evaluation.PromptVersion));
        Assert.Matches("^1/[0-9a-f]{12}$", evaluation.PromptVersion);
        Assert.Empty(evaluation.Flags);
        Assert.All(evaluation.Evidence, quote => Assert.Contains(quote, Answer));
        Assert.Equal(new CallContext("tenant", "session", "score"), chat.Contexts.Single());
    }

    [Theory]
    [InlineData(ProviderFailure.Unavailable)]
    [InlineData(ProviderFailure.BreakerOpen)]
    [InlineData(ProviderFailure.RateLimited)]
    [InlineData(ProviderFailure.Overloaded)]
    [InlineData(ProviderFailure.QuotaExhausted)]
    [InlineData(ProviderFailure.BudgetExhausted)]
    [InlineData(ProviderFailure.Rejected)]
    [InlineData(ProviderFailure.InvalidAnswer)]
    public async Task A_failure_of_the_provider_leaves_the_offline_score_marked_for_a_person(ProviderFailure failure)
    {
        Evaluation evaluation = await Model(new((ChatRequest _, int _) => throw new ProviderException(failure, "no"))).EvaluateAsync(ToScore(Answer), Cancel);
        AssertOffline(evaluation, $"provider-failed:{failure}");
    }

    [Theory]
    [InlineData("")]
    [InlineData("I cannot score this.")]
    [InlineData("{\"technical\":50}")]
    [InlineData("[1]")]
    [InlineData("```json\n{}\n```")]
    [InlineData("{\"technical\":1e999,\"communication\":5,\"evidence\":[],\"feedback\":\"x\",\"canary\":\"\"}")]
    [InlineData("{\"technical\":5,\"communication\":5,\"evidence\":[],\"feedback\":\"\\ud800\",\"canary\":\"\"}")]
    public async Task What_is_not_the_schema_is_asked_for_once_more_with_other_tokens_and_then_given_up(string said)
    {
        FakeChat chat = new((_, _) => said);
        Evaluation evaluation = await Model(chat).EvaluateAsync(ToScore(Answer), Cancel);
        AssertOffline(evaluation, ScoreFlags.InvalidOutput);
        Assert.Equal(2, chat.Requests.Count);
        Assert.NotEqual(GullibleModel.CanaryOf(chat.Requests[0]), GullibleModel.CanaryOf(chat.Requests[1]));
        Assert.Equal(0.02m, evaluation.CostUsd);
    }

    [Fact]
    public async Task A_second_answer_that_is_sound_counts() =>
        Assert.False((await Model(new((request, n) => n == 1 ? "oops" : Good(request, 50, 60))).EvaluateAsync(ToScore(Answer), Cancel)).NeedsHumanReview);

    [Theory]
    [InlineData(101, 60, ScoreFlags.OutOfBounds)]
    [InlineData(-1, 60, ScoreFlags.OutOfBounds)]
    [InlineData(100, 60, ScoreFlags.Unsupported)]
    public async Task A_number_that_cannot_be_or_is_not_supported_is_not_released(double technical, double communication, string flag)
    {
        Evaluation evaluation = await Model(new((request, _) => Good(request, technical, communication))).EvaluateAsync(ToScore(Answer), Cancel);
        Assert.Contains(flag, evaluation.Flags);
        AssertOffline(evaluation, flag);
    }

    [Fact]
    public async Task A_provider_that_hangs_costs_no_more_than_the_deadline()
    {
        ManualTime time = new();
        TaskCompletionSource called = new();
        FakeChat chat = new(async (_, ct) =>
        {
            called.SetResult();
            await Task.Delay(Timeout.InfiniteTimeSpan, ct);
            return "";
        });
        ProviderLanguageModel model = new(chat, new() { DeadlineMs = 25_000 }, time, NullLogger<ProviderLanguageModel>.Instance);
        Task<Evaluation> evaluating = model.EvaluateAsync(ToScore(Answer), Cancel).AsTask();
        await called.Task;
        time.Advance(TimeSpan.FromSeconds(26));
        AssertOffline(await evaluating, ScoreFlags.Deadline);
    }

    [Fact]
    public async Task Cancelling_is_no_failure_of_the_provider()
    {
        using CancellationTokenSource stop = new();
        FakeChat chat = new(async (_, ct) =>
        {
            await stop.CancelAsync();
            await Task.Delay(Timeout.InfiniteTimeSpan, ct);
            return "";
        });
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Model(chat).EvaluateAsync(ToScore(Answer), stop.Token).AsTask());
    }

    [Fact]
    public async Task The_same_answer_makes_the_same_request_so_that_it_can_be_cached_and_a_passage_needs_the_cheap_model_only()
    {
        FakeChat chat = new((request, _) => Good(request, 50, 60));
        ProviderLanguageModel model = Model(chat);
        await model.EvaluateAsync(ToScore(Answer), Cancel);
        await model.EvaluateAsync(ToScore(Answer), Cancel);
        await model.EvaluateAsync(ToScore(Answer + " More."), Cancel);
        await model.EvaluateAsync(new("s/1", "session", "tenant", QuestionBank.Default.Get("read-passage-1"), "And Mr. John Dashwood had then leisure to consider"), Cancel);
        Assert.Equal(chat.Requests[0], chat.Requests[1]);
        Assert.NotEqual(GullibleModel.CanaryOf(chat.Requests[0]), GullibleModel.CanaryOf(chat.Requests[2]));
        Assert.Equal([ModelTier.Strong, ModelTier.Strong, ModelTier.Strong, ModelTier.Cheap], chat.Requests.Select(r => r.Tier));
        Assert.All(chat.Requests, request => Assert.NotEqual("", request.Schema));
    }

    [Fact]
    public async Task An_empty_answer_costs_nothing()
    {
        FakeChat chat = new((ChatRequest _, int _) => throw new InvalidOperationException());
        Assert.Equal(0f, (await Model(chat).EvaluateAsync(ToScore("  \n"), Cancel)).Technical);
        Assert.Empty(chat.Requests);
    }

    private static void AssertOffline(Evaluation evaluation, string flag)
    {
        Evaluation offline = OfflineRubric.Evaluate(Question, Answer);
        Assert.Contains(flag, evaluation.Flags);
        Assert.True(evaluation.NeedsHumanReview);
        Assert.NotEqual("", evaluation.ReviewReason);
        Assert.Equal((offline.Technical, offline.Communication, offline.Feedback, OfflineRubric.EngineName), (evaluation.Technical, evaluation.Communication, evaluation.Feedback, evaluation.Engine));
    }

    private static string Good(ChatRequest request, double technical, double communication) =>
        GullibleModel.Output(technical, communication, "Names transactions and fencing.", GullibleModel.Quotes(GullibleModel.Answer(request)), GullibleModel.CanaryOf(request));

    private static ProviderLanguageModel Model(FakeChat chat) => new(chat, new(), TimeProvider.System, NullLogger<ProviderLanguageModel>.Instance);

    private static AnswerToScore ToScore(string answer) => new("s/0", "session", "tenant", Question, answer);

    private sealed class FakeChat(Func<ChatRequest, CancellationToken, Task<string>> say) : IChatProvider
    {
        public FakeChat(Func<ChatRequest, int, string> say) : this(Counted(say))
        {
        }

        public List<ChatRequest> Requests { get; } = [];

        public List<CallContext> Contexts { get; } = [];

        public async Task<ChatAnswer> CompleteAsync(ChatRequest request, CallContext context, CancellationToken cancellationToken)
        {
            Requests.Add(request);
            Contexts.Add(context);
            return new(await say(request, cancellationToken), new("fake-1", 100, 10, 0.01m, false));
        }

        private static Func<ChatRequest, CancellationToken, Task<string>> Counted(Func<ChatRequest, int, string> say)
        {
            int calls = 0;
            return (request, _) => Task.FromResult(say(request, ++calls));
        }
    }
}
