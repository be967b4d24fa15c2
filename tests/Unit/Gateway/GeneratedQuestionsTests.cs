using System.Collections.Concurrent;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using StreamPlatform.Schemas;
using StreamPlatform.Schemas.V1;
using StreamPlatform.Topology.Ports;

namespace StreamPlatform.Tests.Unit.Gateway;

/// <summary>Interviews whose questions are generated and followed up, over the real sockets.</summary>
public sealed class GeneratedQuestionsTests
{
    private const string Answer = "The same request twice has the effect of one, by a key that the client chooses.";

    private readonly FakeWriter writer = new();

    [Fact]
    public async Task Questions_are_generated_while_the_one_before_is_answered_and_the_follow_up_counts_as_one_more()
    {
        await using var gateway = await StartAsync();
        writer.FollowUp = brief => brief.Question.Id == "gen-1" ? new() { Id = "fu", Text = "And for how long?", KeyPoints = { "a day" } } : null;
        await using var client = await OpenAsync(gateway, new { candidateName = "A", jurisdiction = "US", position = "Engineer", resumeSummary = "Kafka", seniority = "senior" });
        await Eventually.TrueAsync(() => writer.Slots.SequenceEqual([0]), "the first is generated at creation");
        await client.SendAsync(new { type = "start" });
        var first = await client.ExpectAsync("question");
        Assert.Equal(("gen-0", 0, 3, "spoken"), Shown(first));
        await Eventually.TrueAsync(() => writer.Slots.Contains(1), "the second is generated while the first is answered");
        await client.AudioAsync(1, end: true);
        await client.ExpectAckAsync("audio", 1);
        await client.ExpectAckAsync("answer", 0);
        Assert.Equal(("gen-1", 1, 3, "typed"), Shown(await client.ExpectAsync("question")));
        await client.SendAsync(new { type = "answer", questionIndex = 1, text = Answer });
        await client.ExpectAckAsync("answer", 1);
        var followUp = await client.ExpectAsync("question");
        Assert.Equal(("fu", 2, 4, "typed"), Shown(followUp));
        Assert.True(followUp.GetProperty("followUp").GetBoolean());
        Assert.False(followUp.TryGetProperty("keyPoints", out _));
        await client.SendAsync(new { type = "answer", questionIndex = 2, text = Answer });
        await client.ExpectAckAsync("answer", 2);
        Assert.Equal(("gen-2", 3, 4, "spoken"), Shown(await client.ExpectAsync("question")));
        await client.AudioAsync(2, end: true);
        await client.ExpectAckAsync("audio", 2);
        await client.ExpectAckAsync("answer", 3);
        await client.ExpectAsync("completed");

        var asked = gateway.Log.Of<SessionEvent>(Topics.Events).Where(e => e.QuestionAsked is not null).Select(e => e.QuestionAsked.Question).ToList();
        Assert.Equal([("gen-0", 0), ("gen-1", 1), ("fu", 2), ("gen-2", 3)], asked.Select(q => (q.Id, q.Index)));
        Assert.Equal("gen-1", asked[2].FollowUpOf);
        var answers = gateway.Log.Of<AnswerSubmitted>(Topics.Answers);
        Assert.Equal(["gen-0", "gen-1", "fu", "gen-2"], answers.Select(a => a.Question.Id));
        Assert.Equal(answers.Select(a => $"{a.SessionId}/{a.Question.Index}"), answers.Select(a => a.AnswerId));
        Assert.All(answers, a => Assert.InRange(a.StartedAtMs, 1, a.SubmittedAtMs));
        Assert.Equal(4, gateway.Log.Of<SessionEvent>(Topics.Events)[^1].Completed.AnswersSubmitted);
        var end = gateway.Log.Of<SessionState>(Topics.Sessions)[^1];
        Assert.Equal([0, 1, 2, 3], end.Questions.Select(q => q.Index));
        Assert.Equal(("senior", "Kafka", SessionStatus.Completed), (end.Plan.Seniority, end.Plan.ResumeSummary, end.Status));
        Assert.Equal(["", "Kafka", ""], writer.Briefs.DistinctBy(b => b.Slot).OrderBy(b => b.Slot).Select(b => b.ResumeSummary));
    }

    [Fact]
    public async Task Frames_are_taken_and_answers_are_not_while_the_next_question_is_chosen()
    {
        await using var gateway = await StartAsync();
        var pending = new TaskCompletionSource<Question?>();
        writer.FollowUpAsyncOf = _ => pending.Task;
        await using var client = await TypedAsync(gateway);
        await client.SendAsync(new { type = "answer", questionIndex = 0, text = Answer });
        await client.ExpectAckAsync("answer", 0);
        await client.FrameAsync(1);
        await client.ExpectAckAsync("frame", 1);
        await client.SendAsync(new { type = "answer", questionIndex = 1, text = "too early" });
        await client.ExpectErrorAsync("wrong-question");
        await client.SendAsync(new { type = "answer", questionIndex = 0, text = Answer });
        await client.ExpectAckAsync("answer", 0);
        pending.SetResult(new() { Id = "fu", Text = "And for how long?" });
        Assert.Equal("fu", (await client.ExpectAsync("question")).GetProperty("id").GetString());
        await client.ExpectNothingAsync();
        Assert.Equal(1, writer.FollowUps);
    }

    [Fact]
    public async Task A_client_that_comes_back_while_the_next_question_is_chosen_is_asked_it()
    {
        await using var gateway = await StartAsync();
        writer.FollowUpAsyncOf = _ => new TaskCompletionSource<Question?>().Task;
        await using var client = await TypedAsync(gateway);
        await client.SendAsync(new { type = "answer", questionIndex = 0, text = Answer });
        await client.ExpectAckAsync("answer", 0);
        client.Abort();
        await Eventually.TrueAsync(() => gateway.Log.Of<SessionState>(Topics.Sessions)[^1].Status == SessionStatus.Interrupted, "interrupted");

        // as after a restart: another gateway reads the session from its topic
        await using var other = await StartAsync(gateway.Log);
        await using var again = await other.ConnectAsync(client.Token);
        var hello = await again.HelloAsync(1, 1);
        Assert.Equal(JsonValueKind.Null, hello.GetProperty("question").ValueKind);
        Assert.Equal("spoken-1", (await again.ExpectAsync("question")).GetProperty("id").GetString());
    }

    [Fact]
    public async Task A_last_answer_without_a_follow_up_ends_the_interview_and_with_one_does_not()
    {
        await using var gateway = await StartAsync();
        await using var client = await TypedAsync(gateway, "typed-1");
        await client.SendAsync(new { type = "answer", questionIndex = 0, text = Answer });
        await client.ExpectAckAsync("answer", 0);
        await client.ExpectAsync("completed");

        writer.FollowUp = brief => new() { Id = "fu", Text = "And for how long?" };
        await using var second = await TypedAsync(gateway, "typed-1");
        await second.SendAsync(new { type = "answer", questionIndex = 0, text = Answer });
        await second.ExpectAckAsync("answer", 0);
        await second.ExpectAsync("question");
        await second.SendAsync(new { type = "answer", questionIndex = 1, text = Answer });
        await second.ExpectAckAsync("answer", 1);
        await second.ExpectAsync("completed");
        Assert.Equal(2, gateway.Log.Of<SessionEvent>(Topics.Events)[^1].Completed.AnswersSubmitted);
    }

    [Fact]
    public async Task The_follow_up_of_a_spoken_answer_comes_after_the_question_in_progress_once()
    {
        await using var gateway = await StartAsync();
        writer.FollowUp = brief => brief.Question.Id == "spoken-2" ? new() { Id = "fu", Text = "And then?" } : null;
        await using var client = await OpenAsync(gateway, new { candidateName = "A", jurisdiction = "US", questionIds = new[] { "spoken-2", "typed-1" }, followUps = 1 });
        await client.SendAsync(new { type = "start" });
        var spoken = await client.ExpectAsync("question");
        await client.AudioAsync(1, end: true);
        await client.ExpectAckAsync("audio", 1);
        await client.ExpectAckAsync("answer", 0);
        await client.ExpectAsync("question");
        var answer = gateway.Log.Of<AnswerSubmitted>(Topics.Answers).Single();
        await TranscriptAsync(gateway, answer, 0.4f);
        await TranscriptAsync(gateway, answer, 0.9f);
        await Eventually.TrueAsync(() => gateway.Log.Of<SessionState>(Topics.Sessions)[^1].Questions.Count == 3, "the follow-up is in the session");
        await TranscriptAsync(gateway, answer, 0.9f);
        await client.SendAsync(new { type = "answer", questionIndex = 1, text = Answer });
        await client.ExpectAckAsync("answer", 1);
        Assert.Equal(("fu", 2, 3, "spoken"), Shown(await client.ExpectAsync("question")));
        await client.AudioAsync(2, end: true);
        await client.ExpectAckAsync("audio", 2);
        await client.ExpectAckAsync("answer", 2);
        await client.ExpectAsync("completed");
        Assert.Equal("spoken", spoken.GetProperty("kind").GetString());
    }

    [Theory]
    [InlineData("{\"candidateName\":\"A\",\"jurisdiction\":\"US\",\"followUps\":4}", "followUps")]
    [InlineData("{\"candidateName\":\"A\",\"jurisdiction\":\"US\",\"seniority\":\"a very long word for a level of seniority\"}", "seniority")]
    public async Task A_plan_out_of_its_bounds_is_refused(string body, string named)
    {
        await using var gateway = await StartAsync();
        using var response = await gateway.Http.PostAsync("/api/sessions", new StringContent(body, null, "application/json"));
        Assert.Equal(System.Net.HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Contains(named, await response.Content.ReadAsStringAsync());
        using var resume = await gateway.Http.PostAsJsonAsync("/api/sessions", new { candidateName = "A", jurisdiction = "US", resumeSummary = new string('a', 4_001) });
        Assert.Equal(System.Net.HttpStatusCode.BadRequest, resume.StatusCode);
    }

    private static (string? Id, int Index, int Count, string? Kind) Shown(JsonElement question) => (
        question.GetProperty("id").GetString(), question.GetProperty("index").GetInt32(), question.GetProperty("count").GetInt32(),
        question.GetProperty("kind").GetString());

    private static Task TranscriptAsync(GatewayHarness gateway, AnswerSubmitted answer, float confidence) => gateway.Log.WriteAsync(new(
        Topics.Transcripts, answer.SessionId, "default", answer.AnswerId, 0, "", new Transcript
        {
            Completed = new() { SessionId = answer.SessionId, Question = answer.Question, Text = "I told them what had happened and what we would do.", Confidence = confidence },
        }));

    private async Task<CaptureClient> TypedAsync(GatewayHarness gateway, params string[] ids)
    {
        var client = await OpenAsync(gateway, new { candidateName = "A", jurisdiction = "US", questionIds = ids.Length > 0 ? ids : ["typed-1", "spoken-1"], followUps = 1, consents = new { videoEmotion = true } });
        await client.SendAsync(new { type = "start" });
        await client.ExpectAsync("question");
        return client;
    }

    private static async Task<CaptureClient> OpenAsync(GatewayHarness gateway, object request)
    {
        using var response = await gateway.Http.PostAsJsonAsync("/api/sessions", request);
        var body = await response.Content.ReadFromJsonAsync<JsonElement>();
        var client = await gateway.ConnectAsync(body.GetProperty("token").GetString()!);
        await client.HelloAsync();
        return client;
    }

    private Task<GatewayHarness> StartAsync(MemoryLog? log = null) =>
        GatewayHarness.StartAsync(log, o => o.QuestionWaitMs = 10_000, services: s => s.AddSingleton<IQuestionWriter>(writer));

    private sealed class FakeWriter : IQuestionWriter
    {
        private int followUps;

        public FakeWriter() => FollowUpAsyncOf = brief => Task.FromResult(FollowUp(brief));

        public ConcurrentQueue<QuestionBrief> Briefs { get; } = [];

        public IEnumerable<int> Slots => Briefs.Select(b => b.Slot);

        public int FollowUps => Volatile.Read(ref followUps);

        public Func<FollowUpBrief, Question?> FollowUp { get; set; } = _ => null;

        public Func<FollowUpBrief, Task<Question?>> FollowUpAsyncOf { get; set; }

        public Task<WrittenQuestion> WriteAsync(QuestionBrief brief, CancellationToken cancellationToken)
        {
            Briefs.Enqueue(brief);
            return Task.FromResult(new WrittenQuestion(new() { Id = $"gen-{brief.Slot}", Text = $"Generated question {brief.Slot}?", KeyPoints = { "a" } }, QuestionOutcomes.Generated));
        }

        public async Task<WrittenQuestion> FollowUpAsync(FollowUpBrief brief, CancellationToken cancellationToken)
        {
            Interlocked.Increment(ref followUps);
            var question = await FollowUpAsyncOf(brief).WaitAsync(cancellationToken);
            return new(question, question is null ? QuestionOutcomes.NotNeeded : QuestionOutcomes.Generated);
        }
    }
}
