using StreamPlatform.Postgres.Stores;
using StreamPlatform.Providers;
using StreamPlatform.Schemas.V1;
using Xunit;

namespace StreamPlatform.Tests.Unit.Postgres;

/// <summary>Questions, consents, candidates' status, provider keys, deliveries, and pages of sessions.</summary>
public sealed class SeedStoresTests(PostgresFixture postgres) : MigratedDatabase(postgres)
{
    private static readonly DateTimeOffset Now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task A_session_fills_questions_consents_and_the_candidates_status()
    {
        var store = new PostgresInterviewStore(Database);
        var created = Session("s1", 1_000, SessionStatus.Created, "first", "second");
        var active = Session("s1", 2_000, SessionStatus.Active, "first", "better second", "follow-up");
        await store.WriteSessionsAsync([created], Cancel);
        await store.WriteSessionsAsync([active, created], Cancel);
        await store.WriteSessionsAsync([created], Cancel);
        await store.WriteEventsAsync([new() { SessionId = "s1", EventId = "consent/5", Tenant = "t", AtMs = 5_000, ConsentChanged = new() }], Cancel);

        Assert.Equal("first,better second,follow-up", await TextAsync("SELECT string_agg(text, ',' ORDER BY question_index) FROM questions"));
        Assert.Equal("true false", await TextAsync("SELECT string_agg(video_emotion::text, ' ' ORDER BY changed_at) FROM consents"));
        Assert.Equal("active", await TextAsync("SELECT status FROM candidates"));
    }

    [Fact]
    public async Task Pages_of_sessions_meet_without_gap_or_repetition_also_where_times_are_equal()
    {
        var store = new PostgresInterviewStore(Database);
        await store.WriteSessionsAsync([.. Enumerable.Range(0, 25).Select(n => Session($"s{n:00}", 1_000 + n / 10, n % 5 == 0 ? SessionStatus.Completed : SessionStatus.Active))], Cancel);
        var queries = new InterviewQueries(Database, new EmotionSeriesQueries(Database));

        Assert.Equal(Enumerable.Range(0, 25).Select(n => $"s{24 - n:00}"), await AllAsync(queries, ""));
        Assert.Equal(["s20", "s15", "s10", "s05", "s00"], await AllAsync(queries, "completed"));
    }

    [Fact]
    public async Task Pages_of_reviews_and_transcripts_meet_too()
    {
        var store = new PostgresInterviewStore(Database);
        await store.WriteScoresAsync([.. Enumerable.Range(0, 9).Select(n => new AnswerScored { AnswerId = $"s/{n}", SessionId = "s", Tenant = "t", ScoredAtMs = 1_000 + n / 3, NeedsHumanReview = true })], Cancel);
        await store.WriteTranscriptsAsync([.. Enumerable.Range(0, 9).Select(n => new Transcript { Completed = new() { AnswerId = $"s/{n}", SessionId = "s", Tenant = "t", CompletedAtMs = 1_000 + n / 3, Question = new() { Index = n } } })], Cancel);
        await store.WriteScoresAsync([.. Enumerable.Range(0, 4).Select(n => new AnswerScored { AnswerId = $"s/{n}", SessionId = "s", Tenant = "t", ScoredAtMs = 1_000, Revision = 1, Override = new() { Reviewer = "r", DecidedAtMs = 2_000 + n / 2 } })], Cancel);
        var (reviews, transcripts) = (new PostgresReviewQueue(Database), new TranscriptQueries(Database));

        Assert.Equal(["s/4", "s/5", "s/6", "s/7", "s/8"], await PagesAsync(page => reviews.ListAsync("open", page, Cancel), row => (row.ScoredAtMs, row.AnswerId)));
        Assert.Equal(["s/2", "s/3", "s/0", "s/1"], await PagesAsync(page => reviews.ListAsync("decided", page, Cancel), row => (row.DecidedAtMs, row.AnswerId)));
        Assert.Equal(
            ["s/6", "s/7", "s/8", "s/3", "s/4", "s/5", "s/0", "s/1", "s/2"],
            await PagesAsync(page => transcripts.ListAsync(false, page, Cancel), row => (row.Transcript.CompletedAtMs, $"{row.SessionId}/{row.Transcript.QuestionIndex}")));
    }

    [Fact]
    public async Task Keys_are_known_by_their_hash_and_rotate_by_last_use()
    {
        var keys = new PostgresApiKeys(Database);
        string[] hashes = [.. new[] { "sk-a", "sk-b", "sk-c" }.Select(ApiKey.Sha256Of)];
        await keys.SetActiveAsync("openai", hashes, Cancel);
        await keys.AddUsesAsync("openai", [new(hashes[0], 3, Now)], Cancel);
        await keys.AddUsesAsync("openai", [new(hashes[0], 2, Now.AddSeconds(-5)), new(hashes[2], 1, Now)], Cancel);
        await keys.SetActiveAsync("openai", hashes[..2], Cancel);

        var listed = await keys.ListAsync("openai", Cancel);

        Assert.Equal([(hashes[1], 0L, null), (hashes[0], 5L, Now)], listed.Select(key => (key.KeyHash, key.Uses, key.LastUsed)));
        Assert.Equal(0L, await NumberAsync("SELECT count(*) FROM api_keys WHERE key_hash LIKE '%sk-%'"));
    }

    [Fact]
    public async Task A_delivery_is_taken_by_one_sender_tried_again_and_ends_once()
    {
        var deliveries = new PostgresDeliveries(Database);
        Delivery[] two = [new("ats/1", "t", "s1", "ats", "{}"), new("ats/2", "t", "s1", "ats", "{}")];
        await deliveries.AddAsync(two, Now, Cancel);
        await deliveries.AddAsync(two, Now, Cancel);

        var taken = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => deliveries.TakeAsync(1, Now, TimeSpan.FromMinutes(1), Cancel)));
        Assert.Equal(["ats/1", "ats/2"], taken.SelectMany(t => t).Select(d => d.Id).Order(StringComparer.Ordinal));
        await deliveries.DeliveredAsync("ats/1", Now, Cancel);
        await deliveries.FailedAsync("ats/2", "503", Now, Now.AddSeconds(5), Cancel);
        Assert.Empty(await deliveries.TakeAsync(9, Now, TimeSpan.FromMinutes(1), Cancel));
        Assert.Equal(2, Assert.Single(await deliveries.TakeAsync(9, Now.AddSeconds(5), TimeSpan.FromMinutes(1), Cancel)).Attempts);
        // its sender died: after the lease it is taken again, then given up
        Assert.Equal(3, Assert.Single(await deliveries.TakeAsync(9, Now.AddMinutes(2), TimeSpan.FromMinutes(1), Cancel)).Attempts);
        await deliveries.FailedAsync("ats/2", "410", Now, null, Cancel);
        Assert.Empty(await deliveries.TakeAsync(9, Now.AddDays(9), TimeSpan.FromMinutes(1), Cancel));
        Assert.Equal("delivered,failed", await TextAsync("SELECT string_agg(state, ',' ORDER BY state) FROM deliveries"));
    }

    private static SessionState Session(string id, long atMs, SessionStatus status, params string[] questions)
    {
        var state = new SessionState
        {
            SessionId = id, Tenant = "t", CandidateId = "c", CandidateName = "Ada", Status = status, CreatedAtMs = questions.Length > 0 ? 1_000 : atMs, UpdatedAtMs = atMs,
            Consents = new() { VideoEmotion = true, GivenAtMs = 1_000 },
        };
        state.Questions.Add(questions.Select((text, n) => new Question { Id = $"q{n}", Index = n, Text = text }));
        return state;
    }

    private static async Task<List<string>> PagesAsync<T>(Func<ListPage, Task<IReadOnlyList<T>>> list, Func<T, (long AtMs, string Id)> key)
    {
        List<string> ids = [];
        var page = new ListPage(2);
        while (true)
        {
            var rows = await list(page);
            ids.AddRange(rows.Select(row => key(row).Id));
            if (rows.Count < page.Limit)
            {
                return ids;
            }

            page = page with { AfterMs = key(rows[^1]).AtMs, AfterId = key(rows[^1]).Id };
        }
    }

    private static async Task<List<string>> AllAsync(InterviewQueries queries, string status)
    {
        List<string> ids = [];
        var page = new SessionPage(4, Status: status);
        while (true)
        {
            var rows = await queries.ListSessionsAsync(page, Cancel);
            ids.AddRange(rows.Select(row => row.SessionId));
            if (rows.Count < page.Limit)
            {
                return ids;
            }

            page = page with { BeforeMs = rows[^1].CreatedAtMs, BeforeId = rows[^1].SessionId };
        }
    }

    private async Task<string?> TextAsync(string sql)
    {
        await using var command = Database.CreateCommand(sql);
        return await command.ExecuteScalarAsync(Cancel) as string;
    }

    private async Task<long> NumberAsync(string sql)
    {
        await using var command = Database.CreateCommand(sql);
        return (long)(await command.ExecuteScalarAsync(Cancel))!;
    }
}
