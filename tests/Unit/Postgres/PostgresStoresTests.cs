using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using StreamPlatform.Postgres.Migrations;
using StreamPlatform.Postgres.Stores;
using StreamPlatform.Schemas.V1;
using StreamPlatform.Streams;
using Xunit;

namespace StreamPlatform.Tests.Unit.Postgres;

public sealed class PostgresStoresTests(PostgresFixture postgres) : MigratedDatabase(postgres)
{
    private const long March = 1_772_625_600_123; // 2026-03-04T12:00:00.123Z
    private const long April = 1_775_304_000_456;
    private const string Id = "session-1";

    [Fact]
    public async Task An_interview_written_twice_is_stored_once_and_read_back_whole()
    {
        await WriteInterviewAsync();
        await WriteInterviewAsync();

        var queries = Interviews;
        Assert.Equal(
            ["1 interview_sessions", "3 answers", "1 transcripts", "3 scores", "1 reports", "1 emotion_windows", "4 emotion_observations", "1 audit_events"],
            await Task.WhenAll(
                new[] { "interview_sessions", "answers", "transcripts", "scores", "reports", "emotion_windows", "emotion_observations", "audit_events" }
                    .Select(async table => $"{await CountAsync(table)} {table}")));
        var results = (await queries.GetResultsAsync(Id, Cancel))!;
        Assert.Equal(new SessionRow(Id, "acme", "c-1", "Ada", "engineer", "US", "completed", 2, 3, March, March + 5), results.Session);
        Assert.Equal([0, 1, 2], results.Answers.Select(answer => answer.QuestionIndex));
        Assert.Equal("typed", results.Answers[2].Kind);
        Assert.Equal(April, results.Answers[0].SubmittedAtMs);
        Assert.Equal("hello world", results.Transcripts.Single().Text);
        Assert.Equal("hello", results.Segments.Single().Text);
        Assert.Equal(["q\"uote", "two"], results.Scores[0].Evidence);
        var window = results.Windows.Single();
        Assert.Equal((March, March + 10_000, 0.5f), (window.StartMs, window.EndMs, window.FaceRatio));
        Assert.Equal(0.75f, window.Mean!.Happy);
        Assert.Equal(4, results.EmotionRows);
        Assert.Equal("postgres", results.EmotionStore);
        Assert.Null(results.Report!.MeanEmotion);
        Assert.Equal(["gap"], results.Report.Notes);
    }

    [Fact]
    public async Task Results_serialise_to_the_names_of_the_api()
    {
        await WriteInterviewAsync();

        var json = JsonSerializer.SerializeToElement(await Interviews.GetResultsAsync(Id, Cancel), JsonSerializerOptions.Web);

        Assert.Equal(
            ["session", "answers", "transcripts", "segments", "scores", "windows", "emotionRows", "emotionStore", "report"],
            json.EnumerateObject().Select(property => property.Name));
        Assert.Equal(0.75f, json.GetProperty("windows")[0].GetProperty("mean").GetProperty("happy").GetSingle());
        Assert.Equal("completed", json.GetProperty("session").GetProperty("status").GetString());
    }

    [Fact]
    public async Task A_batch_may_repeat_a_key_and_its_last_record_wins()
    {
        var store = new PostgresInterviewStore(Database);
        await store.WriteScoresAsync([Score(0, 10), Score(0, 20), Score(1, 5), Score(0, 30)], Cancel);

        var emotions = new PostgresEmotionStore(Database);
        await emotions.WriteEmotionsAsync([Emotion(1), Emotion(1), Emotion(2)], Cancel);
        await store.WriteSessionsAsync([Session(SessionStatus.Active, 0)], Cancel);

        var results = (await Interviews.GetResultsAsync(Id, Cancel))!;
        Assert.Equal([30f, 5f], results.Scores.Select(score => score.Technical));
        Assert.Equal(2, results.EmotionRows);
    }

    [Fact]
    public async Task An_older_session_state_does_not_replace_a_newer_one()
    {
        var store = new PostgresInterviewStore(Database);
        await store.WriteSessionsAsync([Session(SessionStatus.Completed, 5)], Cancel);

        await store.WriteSessionsAsync([Session(SessionStatus.Created, 0), Session(SessionStatus.Active, 3)], Cancel);

        Assert.Equal("completed", (await Interviews.GetResultsAsync(Id, Cancel))!.Session.Status);
    }

    [Fact]
    public async Task Rows_of_each_month_go_to_a_partition_of_their_own()
    {
        var emotions = new PostgresEmotionStore(Database);
        await emotions.WriteEmotionsAsync([Emotion(1), Emotion(2, April), Emotion(3, 0)], Cancel);
        await new PostgresInterviewStore(Database).WriteSessionsAsync([Session(SessionStatus.Created, 0)], Cancel);

        Assert.Equal(
            ["emotion_observations_2026_03", "emotion_observations_2026_04", "emotion_observations_other", "interview_sessions_2026_03"],
            await TextsAsync("SELECT DISTINCT tableoid::regclass::text AS name FROM emotion_observations UNION SELECT tableoid::regclass::text FROM interview_sessions ORDER BY name"));
    }

    [Fact]
    public async Task Writers_of_a_new_month_do_not_get_in_each_others_way()
    {
        var stores = Enumerable.Range(0, 4).Select(_ => new PostgresEmotionStore(Database)).ToArray();

        await Task.WhenAll(stores.Select((store, index) => store.WriteEmotionsAsync([.. Enumerable.Range(1, 50).Select(n => Emotion(n + (index % 2)))], Cancel).AsTask()));

        Assert.Equal(51, await CountAsync("emotion_observations"));
    }

    [Fact]
    public async Task Text_that_postgres_cannot_hold_and_times_out_of_range_are_stored_nearest()
    {
        var store = new PostgresInterviewStore(Database);
        var answer = Answer(0);
        answer.Text = "a\0b";
        answer.SubmittedAtMs = long.MaxValue;
        var score = Score(0, 1);
        score.Evidence[0] = "x\0y";
        await store.WriteAnswersAsync([answer], Cancel);
        await store.WriteScoresAsync([score], Cancel);
        await store.WriteSessionsAsync([Session(SessionStatus.Active, 0)], Cancel);

        var results = (await Interviews.GetResultsAsync(Id, Cancel))!;
        Assert.Equal("a\uFFFDb", results.Answers[0].Text);
        Assert.Equal("x\uFFFDy", results.Scores[0].Evidence[0]);
    }

    [Fact]
    public async Task Batches_longer_than_one_statement_arrive_whole()
    {
        await new PostgresEmotionStore(Database).WriteEmotionsAsync([.. Enumerable.Range(1, 2500).Select(n => Emotion(n))], Cancel);

        Assert.Equal(2500, await CountAsync("emotion_observations"));
    }

    [Fact]
    public async Task Sessions_are_listed_newest_first()
    {
        var store = new PostgresInterviewStore(Database);
        var sessions = Enumerable.Range(0, 5).Select(n =>
        {
            var session = Session(SessionStatus.Active, 0);
            session.SessionId = $"s{n}";
            session.CreatedAtMs = March + n;
            return session;
        });
        await store.WriteSessionsAsync([.. sessions], Cancel);

        Assert.Equal(["s4", "s3"], (await Interviews.ListSessionsAsync(2, Cancel)).Select(row => row.SessionId));
    }

    [Fact]
    public async Task An_unknown_session_has_no_results()
    {
        Assert.Null(await Interviews.GetResultsAsync("nobody", Cancel));
    }

    [Fact]
    public async Task An_unreachable_server_is_a_transient_failure()
    {
        await using var nowhere = NpgsqlDataSource.Create("Host=/nonexistent-socket-directory;Username=x;Database=x;Timeout=2");

        await Assert.ThrowsAsync<TransientException>(async () => await new PostgresInterviewStore(nowhere).WriteScoresAsync([Score(0, 1)], Cancel));
        await Assert.ThrowsAsync<TransientException>(async () => await new PostgresEmotionStore(nowhere).WriteEmotionsAsync([Emotion(1)], Cancel));
    }

    [Fact]
    public async Task A_server_that_ends_the_connection_is_a_transient_failure_and_the_next_write_succeeds()
    {
        var store = new PostgresInterviewStore(Database);
        await store.WriteScoresAsync([Score(0, 1)], Cancel);
        await using var killer = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(Database.ConnectionString) { Pooling = false }.ConnectionString);
        await using var kill = killer.CreateCommand("SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()");
        await kill.ExecuteNonQueryAsync(Cancel);

        await Assert.ThrowsAsync<TransientException>(async () => await store.WriteScoresAsync([Score(0, 2)], Cancel));
        await store.WriteScoresAsync([Score(0, 2)], Cancel);

        Assert.Equal(1, await CountAsync("scores"));
    }

    [Fact]
    public async Task A_missing_table_is_not_transient()
    {
        await using var empty = NpgsqlDataSource.Create(await Postgres.CreateDatabaseAsync());

        await Assert.ThrowsAsync<PostgresException>(async () => await new PostgresInterviewStore(empty).WriteScoresAsync([Score(0, 1)], Cancel));
    }

    private InterviewQueries Interviews => new(Database, new EmotionSeriesQueries(Database));

    private async Task WriteInterviewAsync()
    {
        var store = new PostgresInterviewStore(Database);
        var emotions = new PostgresEmotionStore(Database);
        await store.WriteSessionsAsync([Session(SessionStatus.Active, 1), Session(SessionStatus.Completed, 5)], Cancel);
        await store.WriteEventsAsync([new() { EventId = "e1", SessionId = Id, AtMs = March, Completed = new() { FramesAcked = 4 } }], Cancel);
        await store.WriteAnswersAsync([Answer(0), Answer(1), Answer(2)], Cancel);
        await store.WriteTranscriptsAsync(
        [
            new() { Segment = new() { SegmentId = $"{Id}/0/0", SessionId = Id, Text = "hello", EndMs = 900, Confidence = 0.5f, Engine = "pocketsphinx" } },
            new() { Completed = new() { AnswerId = $"{Id}/0", SessionId = Id, Question = new() { Index = 0 }, Text = "hello world", Engine = "pocketsphinx", CompletedAtMs = March } },
        ], Cancel);
        await store.WriteScoresAsync([Score(0, 50), Score(1, 60), Score(2, 70)], Cancel);
        await store.WriteReportsAsync([new() { SessionId = Id, Overall = 61.5f, Notes = { "gap" }, StartedAtMs = March, CompletedAtMs = April }], Cancel);
        await store.WriteAuditAsync([new() { AuditId = "a1", SessionId = Id, Action = "emotion.denied", AtMs = March }], Cancel);
        await emotions.WriteEmotionsAsync([Emotion(1), Emotion(2), Emotion(3), new() { SessionId = Id, Sequence = 4, CapturedAtMs = March }], Cancel);
        await emotions.WriteWindowsAsync([new() { SessionId = Id, StartMs = March, EndMs = March + 10_000, FramesAnalysed = 4, FramesWithFace = 2, FaceRatio = 0.5f, Mean = new() { Happy = 0.75f }, Dominant = "happy" }], Cancel);
    }

    private static SessionState Session(SessionStatus status, long age) => new()
    {
        SessionId = Id, Tenant = "acme", CandidateId = "c-1", CandidateName = "Ada", Position = "engineer", Jurisdiction = "US", Status = status,
        QuestionIndex = 2, Questions = { new Question { Id = "q0" }, new Question { Id = "q1" }, new Question { Id = "q2" } },
        Consents = new() { VideoEmotion = true, GivenAtMs = March }, CreatedAtMs = March, UpdatedAtMs = March + age,
    };

    private static AnswerSubmitted Answer(int index) => new()
    {
        AnswerId = $"{Id}/{index}", SessionId = Id, Tenant = "acme", Question = new() { Id = $"q{index}", Index = index, Text = "?" },
        Kind = index == 2 ? AnswerKind.Typed : AnswerKind.Spoken, SubmittedAtMs = April, StartedAtMs = March,
    };

    private static AnswerScored Score(int index, float technical) => new()
    {
        AnswerId = $"{Id}/{index}", SessionId = Id, Tenant = "acme", QuestionIndex = index, Technical = technical, Evidence = { "q\"uote", "two" },
        Engine = "offline-rubric", NeedsHumanReview = true, ScoredAtMs = April,
    };

    private static EmotionObserved Emotion(long sequence, long capturedAtMs = March) => new()
    {
        SessionId = Id, Tenant = "acme", Sequence = sequence, CapturedAtMs = capturedAtMs, FaceCount = 1, Face = new() { Width = 0.5f, Height = 0.5f },
        Probabilities = new() { Happy = 1 }, Dominant = "happy", AnalysedAtMs = capturedAtMs,
    };

    private async Task<long> CountAsync(string table)
    {
        await using var command = Database.CreateCommand($"SELECT count(*) FROM {table} WHERE session_id = $1");
        command.Parameters.Add(new() { Value = Id });
        return (long)(await command.ExecuteScalarAsync(Cancel))!;
    }

    private async Task<List<string>> TextsAsync(string sql)
    {
        var texts = new List<string>();
        await using var command = Database.CreateCommand(sql);
        await using var reader = await command.ExecuteReaderAsync(Cancel);
        while (await reader.ReadAsync(Cancel))
        {
            texts.Add(reader.GetString(0));
        }

        return texts;
    }
}
