using StreamPlatform.Gateway;
using StreamPlatform.Gateway.Questions;
using StreamPlatform.Schemas.V1;
using StreamPlatform.Streams;
using StreamPlatform.Topology.Ports;
using StreamPlatform.Topology.Questions;

namespace StreamPlatform.Tests.Unit.Questions;

/// <summary>Which question comes next, with the writer slow, failing, or absent; on a simulated clock.</summary>
public sealed class InterviewQuestionsTests
{
    private const string Answer = "We keep the response of each request under a key that the client chooses, for a day.";

    private readonly VirtualTime time = new();
    private readonly FakeWriter writer = new();
    private readonly GatewayOptions options = new();

    [Fact]
    public async Task A_generated_question_takes_the_place_and_the_kind_of_the_planned_one()
    {
        writer.Write = brief => Task.FromResult(new WrittenQuestion(new() { Id = $"gen-{brief.Slot}", Text = "How?" }, QuestionOutcomes.Generated));
        var state = State("incident");
        var (next, _) = await Questions().AtAsync(state, 0, CancellationToken.None);
        Assert.Equal(("gen-0", "incident", "generated", AnswerKind.Spoken), (next.Question.Id, next.Planned, next.Origin, next.Question.Kind));
    }

    [Fact]
    public async Task After_the_wait_and_no_later_the_planned_question_is_asked()
    {
        writer.Write = _ => new TaskCompletionSource<WrittenQuestion>().Task;
        var asking = Questions().AfterAsync(Moved(State("caching", "estimate")), Answer, CancellationToken.None);
        time.Advance(TimeSpan.FromMilliseconds(options.QuestionWaitMs - 1));
        Assert.False(asking.IsCompleted);
        time.Advance(TimeSpan.FromMilliseconds(1));
        var (next, outcome) = await asking.WaitAsync(TimeSpan.FromSeconds(60));
        Assert.Equal(("estimate", "bank", QuestionOutcomes.Late), (next!.Question.Id, next.Origin, outcome));
        Assert.True(options.QuestionWaitMs < 2_000, "the next question within 2 s (R-02)");
    }

    [Fact]
    public async Task A_follow_up_that_hangs_and_a_question_that_hangs_share_one_wait()
    {
        writer.Write = _ => new TaskCompletionSource<WrittenQuestion>().Task;
        writer.FollowUp = _ => new TaskCompletionSource<WrittenQuestion>().Task;
        var state = Moved(State("api-idempotency", "estimate"));
        state.Plan.FollowUps = 1;
        var asking = Questions().AfterAsync(state, Answer, CancellationToken.None);
        time.Advance(TimeSpan.FromMilliseconds(options.QuestionWaitMs));
        var (next, _) = await asking.WaitAsync(TimeSpan.FromSeconds(60));
        Assert.Equal("estimate", next!.Question.Id);
    }

    [Fact]
    public async Task The_question_is_being_generated_while_the_one_before_is_answered()
    {
        var pending = new TaskCompletionSource<WrittenQuestion>();
        writer.Write = _ => pending.Task;
        var questions = Questions();
        questions.Prepare(State("caching", "estimate"), 1);
        Assert.Equal(1, Assert.Single(writer.Briefs).Slot);
        pending.SetResult(new(new() { Id = "gen-1", Text = "How?" }, QuestionOutcomes.Generated));
        var (next, _) = await questions.AfterAsync(Moved(State("caching", "estimate")), null, CancellationToken.None);
        Assert.Equal("gen-1", next!.Question.Id);
    }

    [Theory]
    [InlineData(QuestionOutcomes.Unavailable)]
    [InlineData(QuestionOutcomes.Rejected)]
    [InlineData(QuestionOutcomes.Overloaded)]
    public async Task Without_a_generated_question_the_bank_s_is_asked_at_once(string outcome)
    {
        writer.Write = _ => Task.FromResult(new WrittenQuestion(null, outcome));
        var (next, told) = await Questions().AtAsync(State("caching"), 0, CancellationToken.None);
        Assert.Equal(("caching", "bank", outcome), (next.Question.Id, next.Origin, told));
    }

    [Fact]
    public async Task What_the_interview_has_asked_already_is_not_asked_again()
    {
        writer.Write = _ => Task.FromResult(new WrittenQuestion(new() { Id = "gen", Text = State("caching").Questions[0].Text.ToUpperInvariant() }, QuestionOutcomes.Cached));
        var (next, outcome) = await Questions().AfterAsync(Moved(State("caching", "estimate")), null, CancellationToken.None);
        Assert.Equal(("estimate", QuestionOutcomes.Duplicate), (next!.Question.Id, outcome));
    }

    [Fact]
    public async Task Only_the_second_of_three_questions_draws_on_the_resume_and_follow_ups_do_not_count()
    {
        writer.Write = _ => Task.FromResult(new WrittenQuestion(null, QuestionOutcomes.Unavailable));
        var state = State("caching", "estimate", "incident", "disagreement");
        state.Plan.ResumeSummary = "Ten years of Kafka.";
        state.Questions.Insert(1, new Question { Id = "fu", Text = "And then?", FollowUpOf = "caching" });
        var questions = Questions();
        for (var index = 0; index < state.Questions.Count; index++)
        {
            await questions.AtAsync(state, index, CancellationToken.None);
        }

        Assert.Equal([(0, ""), (1, "Ten years of Kafka."), (2, ""), (3, "")], writer.Briefs.Select(b => (b.Slot, b.ResumeSummary)));
    }

    [Fact]
    public async Task Follow_ups_are_bounded_per_question_and_per_interview()
    {
        var number = 0;
        writer.FollowUp = brief => Task.FromResult(new WrittenQuestion(new() { Id = $"fu-{++number}", Text = $"And what about part {number}?" }, QuestionOutcomes.Generated));
        var questions = Questions();
        var state = State("caching");
        state.Plan.FollowUps = 2;
        for (var index = 0; index < 5; index++)
        {
            state = state.Clone();
            state.QuestionIndex = index + 1;
            var (next, _) = await questions.AfterAsync(state, Answer, CancellationToken.None);
            if (next is null)
            {
                break;
            }

            Assert.Equal(("caching", "follow-up", null), (next.Question.FollowUpOf, next.Origin, next.Planned));
            state.Questions.Insert(index + 1, next.Question);
        }

        Assert.Equal(3, state.Questions.Count);
        state.Plan.FollowUps = 3;
        options.MaxFollowUps = 2;
        Assert.False(questions.AllowsFollowUp(state, state.Questions[0]));
    }

    [Fact]
    public async Task A_model_that_cannot_be_asked_leaves_the_follow_up_to_the_bank_and_one_that_sees_no_need_does_not()
    {
        var state = Moved(State("caching"));
        state.Plan.FollowUps = 1;
        writer.FollowUp = _ => Task.FromResult(new WrittenQuestion(null, QuestionOutcomes.Unavailable));
        var (banked, _) = await Questions().AfterAsync(state, Answer, CancellationToken.None);
        Assert.Equal(("caching-follow-up-1", "caching", "bank-follow-up"), (banked!.Question.Id, banked.Question.FollowUpOf, banked.Origin));
        Assert.NotEmpty(banked.Question.KeyPoints);
        writer.FollowUp = _ => Task.FromResult(new WrittenQuestion(null, QuestionOutcomes.NotNeeded));
        Assert.Null((await Questions().AfterAsync(state, Answer, CancellationToken.None)).Next);
        var (offline, _) = await new InterviewQuestions(null, new BankQuestions(QuestionBank.Default), options, time).AfterAsync(state, Answer, CancellationToken.None);
        Assert.Equal("caching-follow-up-1", offline!.Question.Id);
    }

    [Theory]
    [InlineData(1, "generated", "follow-up")]
    [InlineData(2, "bank", "bank-follow-up")]
    public async Task From_the_level_of_predefined_questions_on_no_model_is_asked(int level, string origin, string followUpOrigin)
    {
        writer.Write = _ => Task.FromResult(new WrittenQuestion(new() { Id = "gen", Text = "How?" }, QuestionOutcomes.Generated));
        writer.FollowUp = _ => Task.FromResult(new WrittenQuestion(new() { Id = "fu", Text = "And then?" }, QuestionOutcomes.Generated));
        var state = State("caching");
        state.DegradationLevel = level;
        Assert.Equal(origin, (await Questions().AtAsync(state, 0, CancellationToken.None)).Next.Origin);
        state.Plan.FollowUps = 1;
        Assert.Equal(followUpOrigin, (await Questions().AfterAsync(Moved(state), Answer, CancellationToken.None)).Next!.Origin);
    }

    [Fact]
    public void A_passage_read_aloud_has_no_follow_up()
    {
        var state = State("read-passage-1");
        state.Plan.FollowUps = 3;
        Assert.False(Questions().AllowsFollowUp(state, state.Questions[0]));
    }

    [Fact]
    public void A_plan_is_made_only_where_something_can_change()
    {
        var offline = new InterviewQuestions(null, new BankQuestions(QuestionBank.Default), options, time);
        Assert.Null(offline.Plan(named: false, "", "", null));
        Assert.Null(Questions().Plan(named: true, "", "", null));
        Assert.Equal((true, 1), Questions().Plan(named: false, "", "", null) is { } plan ? (plan.Generated, plan.FollowUps) : default);
        Assert.Equal((false, 2), offline.Plan(named: true, "", "kept nowhere", 2) is { ResumeSummary: "" } named ? (named.Generated, named.FollowUps) : default);
    }

    private InterviewQuestions Questions() => new(writer, new BankQuestions(QuestionBank.Default), options, time);

    private static SessionState State(params string[] ids) =>
        new() { SessionId = "s", Position = "Backend Engineer", Plan = new() { Generated = true }, Questions = { QuestionBank.Default.Select(ids) } };

    private static SessionState Moved(SessionState state)
    {
        state.QuestionIndex = 1;
        return state;
    }

    private sealed class FakeWriter : IQuestionWriter
    {
        public Func<QuestionBrief, Task<WrittenQuestion>> Write { get; set; } = _ => Task.FromResult(new WrittenQuestion(null, QuestionOutcomes.Unavailable));

        public Func<FollowUpBrief, Task<WrittenQuestion>> FollowUp { get; set; } = _ => Task.FromResult(new WrittenQuestion(null, QuestionOutcomes.NotNeeded));

        public List<QuestionBrief> Briefs { get; } = [];

        public Task<WrittenQuestion> WriteAsync(QuestionBrief brief, CancellationToken cancellationToken)
        {
            Briefs.Add(brief);
            return Write(brief).WaitAsync(cancellationToken);
        }

        public Task<WrittenQuestion> FollowUpAsync(FollowUpBrief brief, CancellationToken cancellationToken) => FollowUp(brief).WaitAsync(cancellationToken);
    }
}
