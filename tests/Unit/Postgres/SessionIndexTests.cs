using StreamPlatform.Postgres.Stores;
using StreamPlatform.Schemas.V1;
using Xunit;

namespace StreamPlatform.Tests.Unit.Postgres;

/// <summary>Sessions are found by their id alone, whatever month they lie in and whoever wrote them.</summary>
public sealed class SessionIndexTests(PostgresFixture postgres) : MigratedDatabase(postgres)
{
    private const long MarchMs = 1_772_625_600_000;
    private const long Before2020Ms = 1_000_000_000_000;

    [Fact]
    public async Task A_session_of_a_month_and_one_of_the_default_partition_are_found_by_id()
    {
        var store = new PostgresInterviewStore(Database);
        await store.WriteSessionsAsync([Session("s1", MarchMs, MarchMs), Session("old", Before2020Ms, MarchMs)], Cancel);

        var queries = new InterviewQueries(Database, new EmotionSeriesQueries(Database));
        Assert.Equal(MarchMs, (await queries.GetResultsAsync("s1", Cancel))!.Session.CreatedAtMs);
        Assert.Equal(Before2020Ms, (await queries.GetResultsAsync("old", Cancel))!.Session.CreatedAtMs);
        Assert.Null(await queries.GetResultsAsync("unknown", Cancel));
        Assert.Equal("interview_sessions_other", await TextAsync("SELECT tableoid::regclass::text FROM interview_sessions WHERE session_id = 'old'"));
    }

    [Fact]
    public async Task Later_states_of_a_session_write_nothing_into_the_index()
    {
        var store = new PostgresInterviewStore(Database);
        await store.WriteSessionsAsync([Session("s1", MarchMs, MarchMs)], Cancel);
        var first = await TextAsync("SELECT xmin::text || ctid::text FROM session_index");

        await store.WriteSessionsAsync([Session("s1", MarchMs, MarchMs + 1_000), Session("s2", MarchMs, MarchMs)], Cancel);

        Assert.Equal(first, await TextAsync("SELECT xmin::text || ctid::text FROM session_index WHERE session_id = 's1'"));
        Assert.Equal("s1,s2", await TextAsync("SELECT string_agg(session_id, ',' ORDER BY session_id) FROM session_index"));
    }

    [Fact]
    public async Task A_program_that_knows_nothing_of_the_index_fills_it_too()
    {
        await ExecuteAsync("SELECT ensure_month_partition('interview_sessions', '2026-03-05Z')");
        await ExecuteAsync("""
            INSERT INTO interview_sessions (session_id, tenant, candidate_id, candidate_name, position, jurisdiction, consent_video_emotion, consent_face_presence, consent_blink,
                consent_audio_transcription, status, degradation_level, question_index, question_count, questions, created_at, updated_at)
            SELECT 's' || n % 3, 't', 'c', 'Ada', 'dev', 'US', true, true, true, true, 'completed', 0, 0, 0, '[]', '2026-03-05Z'::timestamptz + n * interval '1 s', '2026-03-05Z' FROM generate_series(1, 6) n
            """);

        // an id with two times, which no writer makes: the later one is it
        Assert.Equal("s0 6,s1 4,s2 5", await TextAsync("SELECT string_agg(session_id || ' ' || extract(second FROM created_at)::int, ',' ORDER BY session_id) FROM session_index"));
    }

    [Fact]
    public async Task Writers_of_the_same_new_sessions_do_not_disturb_each_other()
    {
        var store = new PostgresInterviewStore(Database);
        SessionState[] many = [.. Enumerable.Range(0, 500).Select(n => Session($"s{n}", MarchMs + n, MarchMs))];

        await Task.WhenAll(Enumerable.Range(0, 4).Select(async n => await store.WriteSessionsAsync(n % 2 == 0 ? many : [.. many.Reverse()], Cancel)));

        Assert.Equal("500", await TextAsync("SELECT count(*)::text FROM session_index JOIN interview_sessions USING (session_id, created_at)"));
    }

    [Fact]
    public async Task The_queue_of_reviews_names_the_candidate_also_when_the_score_came_before_the_session()
    {
        var store = new PostgresInterviewStore(Database);
        await store.WriteScoresAsync([new() { AnswerId = "s1/0", SessionId = "s1", Tenant = "t", QuestionId = "q", NeedsHumanReview = true, ScoredAtMs = MarchMs }], Cancel);
        var queue = new PostgresReviewQueue(Database);
        Assert.Equal("", Assert.Single(await queue.ListAsync("open", 10, Cancel)).CandidateName);

        await store.WriteSessionsAsync([Session("s1", MarchMs, MarchMs)], Cancel);

        Assert.Equal(("Ada", "dev"), (Assert.Single(await queue.ListAsync("open", 10, Cancel)).CandidateName, (await queue.FindAsync("s1/0", Cancel))!.Position));
    }

    private static SessionState Session(string id, long createdMs, long updatedMs) => new()
    {
        SessionId = id, Tenant = "t", CandidateId = "c", CandidateName = "Ada", Position = "dev", Status = SessionStatus.Active, CreatedAtMs = createdMs, UpdatedAtMs = updatedMs,
    };

    private async Task ExecuteAsync(string sql)
    {
        await using var command = Database.CreateCommand(sql);
        await command.ExecuteNonQueryAsync(Cancel);
    }

    private async Task<string?> TextAsync(string sql)
    {
        await using var command = Database.CreateCommand(sql);
        return await command.ExecuteScalarAsync(Cancel) as string;
    }
}
