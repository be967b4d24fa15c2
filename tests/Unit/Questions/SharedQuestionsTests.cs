using StreamPlatform.LanguageModels.Questions;
using StreamPlatform.Providers;
using StreamPlatform.Tests.Unit.Caching;

namespace StreamPlatform.Tests.Unit.Questions;

/// <summary>Generated questions of several gateways before one Redis: each "instance" is a writer with a connection and a provider of its own.</summary>
public sealed class SharedQuestionsTests(RedisTestServer redis) : IClassFixture<RedisTestServer>
{
    private readonly string position = $"Engineer {Guid.NewGuid():N}";
    private readonly FakeChat chat = new((_, number) => FakeChat.Question($"How would you handle the situation that has number {number} in the plan?"));

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_question_that_one_instance_paid_for_is_asked_by_all()
    {
        await using var tierA = await redis.ConnectAsync();
        await using var tierB = await redis.ConnectAsync();
        using var a = new ModelQuestionWriter(chat, new(), tierA, TimeProvider.System);
        using var b = new ModelQuestionWriter(chat, new(), tierB, TimeProvider.System);
        var made = await a.WriteAsync(Brief(), Ct);
        var got = await b.WriteAsync(Brief(), Ct);
        Assert.Equal((QuestionOutcomes.Generated, QuestionOutcomes.Cached), (made.Outcome, got.Outcome));
        Assert.Equal(made.Question, got.Question);
        Assert.Equal(1, chat.Calls);
    }

    [Fact]
    public async Task Equal_briefs_at_two_instances_at_once_cost_one_call_however_long_it_takes()
    {
        await using var tierA = await redis.ConnectAsync();
        await using var tierB = await redis.ConnectAsync();
        var release = new TaskCompletionSource<string>();
        var slow = new FakeChat((_, _) => release.Task);
        using var a = new ModelQuestionWriter(slow, new(), tierA, TimeProvider.System);
        using var b = new ModelQuestionWriter(slow, new(), tierB, TimeProvider.System);
        var asked = Enumerable.Range(0, 40).Select(i => (i % 2 == 0 ? a : b).WriteAsync(Brief(), Ct)).ToList();
        await Task.Delay(1_500, Ct); // longer than other caches wait for each other: a second call costs money
        release.SetResult(FakeChat.Question());
        Assert.All(await Task.WhenAll(asked), written => Assert.NotNull(written.Question));
        Assert.Equal(1, slow.Calls);
    }

    [Fact]
    public async Task What_may_not_be_asked_is_left_alone_by_all_and_an_unreachable_provider_is_not()
    {
        await using var tierA = await redis.ConnectAsync();
        await using var tierB = await redis.ConnectAsync();
        var stubborn = new FakeChat((_, _) => "{}");
        using var a = new ModelQuestionWriter(stubborn, new(), tierA, TimeProvider.System);
        using var b = new ModelQuestionWriter(chat, new(), tierB, TimeProvider.System);
        Assert.Equal(QuestionOutcomes.Rejected, (await a.WriteAsync(Brief(), Ct)).Outcome);
        Assert.Equal(QuestionOutcomes.Rejected, (await b.WriteAsync(Brief(), Ct)).Outcome);
        Assert.Equal(0, chat.Calls);
        using var away = new ModelQuestionWriter(new FakeChat((_, _) => Task.FromException<string>(new ProviderException(ProviderFailure.Unavailable, "no"))), new(), tierA, TimeProvider.System);
        Assert.Equal(QuestionOutcomes.Unavailable, (await away.WriteAsync(Brief() with { Slot = 1 }, Ct)).Outcome);
        Assert.Equal(QuestionOutcomes.Generated, (await b.WriteAsync(Brief() with { Slot = 1 }, Ct)).Outcome);
    }

    [Fact]
    public async Task A_killed_Redis_costs_calls_and_no_question()
    {
        await using var tierA = await redis.ConnectAsync(500);
        await using var tierB = await redis.ConnectAsync(500);
        using var a = new ModelQuestionWriter(chat, new(), tierA, TimeProvider.System);
        using var b = new ModelQuestionWriter(chat, new(), tierB, TimeProvider.System);
        await redis.KillAsync();
        try
        {
            Assert.Equal(QuestionOutcomes.Generated, (await a.WriteAsync(Brief(), Ct)).Outcome);
            Assert.Equal(QuestionOutcomes.Generated, (await b.WriteAsync(Brief(), Ct)).Outcome);
            Assert.Equal(QuestionOutcomes.Cached, (await a.WriteAsync(Brief(), Ct)).Outcome);
        }
        finally
        {
            await redis.StartAsync();
        }
    }

    private QuestionBrief Brief() => new("t", "s", position, "", "", 0, 0);
}
