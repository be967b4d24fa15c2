using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using StreamPlatform.Postgres.Migrations;
using StreamPlatform.Postgres.Stores;
using StreamPlatform.Schemas.V1;

namespace StreamPlatform.Tests.Unit.Postgres;

public sealed class PostgresReviewQueueTests(PostgresFixture postgres) : MigratedDatabase(postgres)
{
    [Fact]
    public async Task A_flagged_score_waits_until_a_person_decides_and_a_correction_opens_it_again()
    {
        var store = new PostgresInterviewStore(Database);
        var queue = new PostgresReviewQueue(Database);
        await store.WriteAnswersAsync([new AnswerSubmitted { AnswerId = "s/0", SessionId = "s", Tenant = "t", Question = new() { Id = "q", Text = "How?" }, Text = "So." }], Cancel);
        await store.WriteScoresAsync([Score(0, needsReview: true, ["unsupported-score"]), Score(0, needsReview: false, id: "s/1")], Cancel);

        var open = Assert.Single(await queue.ListAsync("open", 10, Cancel));
        Assert.Equal(("s/0", "How?", "So.", 1f, 40f, 0), (open.AnswerId, open.QuestionText, open.AnswerText, open.Confidence, open.Technical, open.Revision));
        Assert.Equal(["unsupported-score"], open.Flags);

        var decided = Score(1, needsReview: false);
        decided.Engine = "human";
        decided.Override = new() { Reviewer = "Rita", Reason = "fine", DecidedAtMs = 5_000, PreviousTechnical = 40, PreviousCommunication = 50, PreviousEngine = "offline-rubric" };
        await store.WriteScoresAsync([decided, Score(0, needsReview: true)], Cancel); // the older one comes late
        Assert.Empty(await queue.ListAsync("open", 10, Cancel));
        var closed = Assert.Single(await queue.ListAsync("decided", 10, Cancel));
        Assert.Equal(("Rita", "fine", 5_000L, 40f, "human", 1), (closed.Reviewer, closed.Decision, closed.DecidedAtMs, closed.PreviousTechnical, closed.Engine, closed.Revision));

        await store.WriteScoresAsync([Score(0, needsReview: true)], Cancel);
        Assert.Equal("decided", (await queue.FindAsync("s/0", Cancel))!.State);
        await store.WriteScoresAsync([Score(1000, needsReview: true)], Cancel);
        Assert.Equal(1000, Assert.Single(await queue.ListAsync("open", 10, Cancel)).Revision);
        Assert.Null(await queue.FindAsync("s/9", Cancel));
    }

    private static AnswerScored Score(int revision, bool needsReview, string[]? flags = null, string id = "s/0") => new()
    {
        AnswerId = id, SessionId = "s", Tenant = "t", QuestionId = "q", Technical = 40, Communication = 50, Feedback = "f", Engine = "offline-rubric", RubricVersion = "1",
        NeedsHumanReview = needsReview, ReviewReason = needsReview ? "look" : "", ScoredAtMs = 1_000 + revision, Revision = revision, Flags = { flags ?? [] },
    };
}
