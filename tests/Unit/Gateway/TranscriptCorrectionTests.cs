using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using StreamPlatform.Gateway;
using StreamPlatform.Schemas;
using StreamPlatform.Schemas.V1;
using StreamPlatform.Topology.Ports;

namespace StreamPlatform.Tests.Unit.Gateway;

public sealed class TranscriptCorrectionTests
{
    private static readonly TranscriptCompleted Heard = new()
    {
        AnswerId = "s1/2", SessionId = "s1", Tenant = "acme", Question = new() { Id = "q-3", Index = 2, Text = "Why Kafka?", KeyPoints = { "log" } },
        Text = "it is a lock", Confidence = 0.5f, Engine = "pocketsphinx", SpeechMs = 3_000, AudioMs = 4_000, Segments = 1, CompletedAtMs = 1_000, NeedsCorrection = true,
        Features = new() { Words = 4, WordsPerMinute = 80 },
    };

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_correction_is_published_as_the_next_revision_and_audited()
    {
        await using var gateway = await StartAsync();
        using var response = await CorrectAsync(gateway, "s1", 2, new { text = "it is a log", who = "ada", why = "misheard", revision = 0 });
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        var row = JsonDocument.Parse(await response.Content.ReadAsStringAsync(Cancel)).RootElement;
        Assert.Equal((1, "human"), (row.GetProperty("revision").GetInt32(), row.GetProperty("engine").GetString()));
        var corrected = Assert.Single(gateway.Log.Of<Transcript>(Topics.Transcripts)).Completed;
        Assert.Equal(("it is a log", 1, 1f, false, "q-3", "log"), (corrected.Text, corrected.Revision, corrected.Confidence, corrected.NeedsCorrection, corrected.Question.Id, corrected.Question.KeyPoints[0]));
        var audit = Assert.Single(gateway.Log.Of<AuditEvent>(Topics.Audit));
        Assert.Equal(("transcript.corrected", "ada", "misheard", "s1", "acme"), (audit.Action, audit.Actor, audit.Reason, audit.SessionId, audit.Tenant));
    }

    [Theory]
    [InlineData("""{"who":"ada","why":"x"}""", 400)]
    [InlineData("""{"text":"a","why":"x"}""", 400)]
    [InlineData("""{"text":"a","who":" ","why":"x"}""", 400)]
    [InlineData("""{"text":"a","who":"ada","why":""}""", 400)]
    [InlineData("""{"text":5}""", 400)]
    [InlineData("", 400)]
    [InlineData("""{"text":"a","who":"ada","why":"x","revision":1}""", 409)]
    public async Task A_correction_without_who_and_why_or_of_another_revision_is_refused(string body, int status)
    {
        await using var gateway = await StartAsync();
        using var content = new StringContent(body, System.Text.Encoding.UTF8, "application/json");
        using var response = await gateway.Http.PutAsync("/api/sessions/s1/answers/2/transcript", content, Cancel);
        Assert.Equal(status, (int)response.StatusCode);
        Assert.Empty(gateway.Log.Of<Transcript>(Topics.Transcripts));
        Assert.Empty(gateway.Log.Of<AuditEvent>(Topics.Audit));
    }

    [Fact]
    public async Task A_text_that_is_too_long_and_an_unknown_answer_are_refused()
    {
        await using var gateway = await StartAsync();
        using var tooLong = await CorrectAsync(gateway, "s1", 2, new { text = new string('a', 40_000), who = "ada", why = "x" });
        Assert.Equal(HttpStatusCode.BadRequest, tooLong.StatusCode);
        using var unknown = await CorrectAsync(gateway, "s1", 3, new { text = "a", who = "ada", why = "x" });
        Assert.Equal(HttpStatusCode.NotFound, unknown.StatusCode);
    }

    [Fact]
    public async Task Transcripts_to_correct_are_listed_with_their_question()
    {
        await using var gateway = await StartAsync();
        var listed = JsonDocument.Parse(await gateway.Http.GetStringAsync("/api/transcripts?needsCorrection=1", Cancel)).RootElement;
        Assert.Equal(("s1", "Why Kafka?"), (listed[0].GetProperty("sessionId").GetString(), listed[0].GetProperty("questionText").GetString()));
        using var wrong = await gateway.Http.GetAsync("/api/transcripts?limit=0", Cancel);
        Assert.Equal(HttpStatusCode.BadRequest, wrong.StatusCode);
    }

    [Fact]
    public async Task While_the_store_is_away_the_list_and_a_correction_are_refused_in_words()
    {
        await using var gateway = await GatewayHarness.StartAsync(transcripts: new AwayTranscripts());
        using var list = await gateway.Http.GetAsync("/api/transcripts", Cancel);
        using var correction = await CorrectAsync(gateway, "s1", 2, new { text = "it is a log", who = "ada", why = "misheard" });
        foreach (var response in new[] { list, correction })
        {
            Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
            Assert.Contains("store-unavailable", await response.Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);
        }
    }

    private static Task<GatewayHarness> StartAsync() => GatewayHarness.StartAsync(transcripts: new OneTranscript());

    private static Task<HttpResponseMessage> CorrectAsync(GatewayHarness gateway, string session, int index, object body) =>
        gateway.Http.PutAsJsonAsync($"/api/sessions/{session}/answers/{index}/transcript", body, Cancel);

    private sealed class OneTranscript : ITranscriptReader
    {
        public Task<IReadOnlyList<TranscriptReview>> ListAsync(bool needsCorrection, ListPage page, CancellationToken cancellationToken) =>
            Task.FromResult<IReadOnlyList<TranscriptReview>>([new("s1", Heard.Question.Text, TranscriptRow.Of(Heard))]);

        public Task<TranscriptCompleted?> FindAsync(string answerId, CancellationToken cancellationToken) => Task.FromResult(answerId == Heard.AnswerId ? Heard : null);
    }

    private sealed class AwayTranscripts : ITranscriptReader
    {
        public Task<IReadOnlyList<TranscriptReview>> ListAsync(bool needsCorrection, ListPage page, CancellationToken cancellationToken) => throw new Npgsql.NpgsqlException("Failed to connect");

        public Task<TranscriptCompleted?> FindAsync(string answerId, CancellationToken cancellationToken) => throw new Npgsql.NpgsqlException("Failed to connect");
    }
}
