using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using StreamPlatform.Schemas;
using StreamPlatform.Schemas.V1;

namespace StreamPlatform.Tests.Unit.Gateway;

public sealed class ReviewTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_decision_becomes_a_score_of_a_person_with_the_next_revision_and_is_audited()
    {
        await using var gateway = await GatewayHarness.StartAsync(reviews: new OneReview());
        var open = await gateway.Http.GetFromJsonAsync<JsonElement>("/api/reviews?state=open", Cancel);
        Assert.Equal("s-1/2", open[0].GetProperty("answerId").GetString());

        using var taken = await PostAsync(gateway, "s-1/2", new { technical = 70, communication = 65.5, reviewer = " Rita ", reason = "names the transaction", revision = 0 });

        Assert.Equal(HttpStatusCode.Accepted, taken.StatusCode);
        Assert.Equal(1, (await taken.Content.ReadFromJsonAsync<JsonElement>(Cancel)).GetProperty("revision").GetInt32());
        var score = Assert.Single(gateway.Log.Of<AnswerScored>(Topics.Scores));
        Assert.Equal(("human", 1, 70f, 65.5f, false), (score.Engine, score.Revision, score.Technical, score.Communication, score.NeedsHumanReview));
        Assert.Equal(("Rita", "names the transaction", 40f, 50f, "offline-rubric"),
            (score.Override.Reviewer, score.Override.Reason, score.Override.PreviousTechnical, score.Override.PreviousCommunication, score.Override.PreviousEngine));
        var audit = Assert.Single(gateway.Log.Of<AuditEvent>(Topics.Audit));
        Assert.Equal(("Rita", "score.overridden", "s-1"), (audit.Actor, audit.Action, audit.SessionId));
        Assert.Equal(0, (await gateway.Http.GetFromJsonAsync<JsonElement>("/api/reviews", Cancel)).GetArrayLength()); // the store does not know yet
    }

    [Theory]
    [InlineData("""{"communication":50,"reviewer":"r","reason":"because","revision":0}""", 400, "technical")]
    [InlineData("""{"technical":101,"communication":50,"reviewer":"r","reason":"because","revision":0}""", 400, "technical")]
    [InlineData("""{"technical":-1,"communication":50,"reviewer":"r","reason":"because","revision":0}""", 400, "technical")]
    [InlineData("""{"technical":50,"communication":50,"reviewer":" ","reason":"because","revision":0}""", 400, "reviewer")]
    [InlineData("""{"technical":50,"communication":50,"reviewer":"r","reason":"no","revision":0}""", 400, "reason")]
    [InlineData("""{"technical":50,"communication":50,"reviewer":"r","reason":"because"}""", 400, "revision")]
    [InlineData("""{"technical":50,"communication":50,"reviewer":"r","reason":"because","revision":7}""", 409, "look at it again")]
    [InlineData("""{"technical":"50"}""", 400, "$.technical")]
    [InlineData("not json", 400, "JSON")]
    public async Task What_is_no_decision_is_refused_and_changes_nothing(string body, int status, string says)
    {
        await using var gateway = await GatewayHarness.StartAsync(reviews: new OneReview());
        using var content = new StringContent(body, System.Text.Encoding.UTF8, "application/json");
        using var response = await gateway.Http.PostAsync("/api/reviews/s-1/2", content, Cancel);
        Assert.Equal(status, (int)response.StatusCode);
        Assert.Contains(says, await response.Content.ReadAsStringAsync(Cancel));
        Assert.Empty(gateway.Log.Of<AnswerScored>(Topics.Scores));
        Assert.Empty(gateway.Log.Of<AuditEvent>(Topics.Audit));
    }

    [Fact]
    public async Task Of_two_decisions_on_one_revision_the_second_is_told_to_look_again()
    {
        await using var gateway = await GatewayHarness.StartAsync(reviews: new OneReview());
        var both = await Task.WhenAll(Enumerable.Range(0, 2).Select(i =>
            PostAsync(gateway, "s-1/2", new { technical = 60 + i, communication = 50, reviewer = $"r{i}", reason = "because", revision = 0 })));
        Assert.Equal([HttpStatusCode.Accepted, HttpStatusCode.Conflict], both.Select(r => r.StatusCode).Order());
        Assert.Single(gateway.Log.Of<AnswerScored>(Topics.Scores));
    }

    [Fact]
    public async Task An_unknown_answer_an_unknown_state_and_an_unreachable_log_say_so()
    {
        await using var gateway = await GatewayHarness.StartAsync(reviews: new OneReview());
        object decision = new { technical = 60, communication = 50, reviewer = "r", reason = "because", revision = 0 };
        Assert.Equal(HttpStatusCode.NotFound, (await PostAsync(gateway, "s-9/0", decision)).StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, (await gateway.Http.GetAsync("/api/reviews?state=all", Cancel)).StatusCode);
        gateway.Log.Refuse(Topics.Scores);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await PostAsync(gateway, "s-1/2", decision)).StatusCode);
        Assert.Contains("reviews.js", await gateway.Http.GetStringAsync("/reviews", Cancel));
    }

    private static Task<HttpResponseMessage> PostAsync(GatewayHarness gateway, string answerId, object decision) =>
        gateway.Http.PostAsJsonAsync($"/api/reviews/{answerId}", decision, Cancel);

    private sealed class OneReview : IReviewQueue
    {
        private static readonly ReviewRow Row = new(
            "s-1/2", "s-1", "acme", "Ada", "engineer", 2, "q", "How?", "So.", 1, 40, 50, "Mentions much.", ["So."], "offline-rubric", "1", "", "",
            ["instruction-like:override"], "A person must look.", 1_000, "open", 0, "", "", 0, 0, 0);

        public Task<IReadOnlyList<ReviewRow>> ListAsync(string state, ListPage page, CancellationToken cancellationToken) =>
            Task.FromResult<IReadOnlyList<ReviewRow>>(state == "open" ? [Row] : []);

        public Task<ReviewRow?> FindAsync(string answerId, CancellationToken cancellationToken) => Task.FromResult(answerId == Row.AnswerId ? Row : null);
    }
}
