using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using StreamPlatform.Postgres.Migrations;
using StreamPlatform.Postgres.Stores;
using StreamPlatform.Schemas.V1;
using StreamPlatform.Tests.Unit.Reports;

namespace StreamPlatform.Tests.Unit.Postgres;

[Collection(PostgresCollection.Name)]
public sealed class PostgresReportsTests(PostgresFixture postgres)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_newest_revision_of_a_report_is_read_back_whole()
    {
        await using var database = await DatabaseAsync(PostgresMigrations.All);
        var store = new PostgresInterviewStore(database);
        var first = SampleReport.Report();
        (first.Revision, first.Overall) = (1, 10);
        await store.WriteReportsAsync([first], Cancel);
        var second = SampleReport.Report();
        second.Notes.Add("a null \0 and \"quotes\"");
        await store.WriteReportsAsync([second], Cancel);

        var queries = new InterviewQueries(database, new EmotionSeriesQueries(database));
        var read = await queries.GetReportAsync("session-1", Cancel);
        second.Notes[0] = "a null \uFFFD and \"quotes\""; // PostgreSQL has no U+0000
        Assert.Equal(second, read);
        Assert.Null(await queries.GetReportAsync("nobody", Cancel));
    }

    [Fact]
    public async Task Reports_written_before_they_had_a_document_get_one()
    {
        await using var database = await DatabaseAsync([.. PostgresMigrations.All.Where(m => m.Version < 100)]);
        await using (var command = database.CreateCommand("""
            INSERT INTO reports VALUES ('s', 't', 'c', 'p', 61.5, 60, 70, 80, 90, 'happy', 0.1, 0.1, 0.1, 0.4, 0.1, 0.1, 0.1, 20, 19, 1, 3, 6000, 10000, true, '["a note"]', '2026-03-04T12:00:00Z', '2026-03-04T12:10:00Z');
            INSERT INTO scores VALUES ('s/0', 's', 't', 'q', 0, 60, 70, 'fine', '["quote"]', 'offline-rubric', '1', true, 'why', '2026-03-04T12:11:00Z');
            INSERT INTO reports VALUES ('empty', 't', 'c', 'p', 0, 0, 0, 0, 0, '', NULL, NULL, NULL, NULL, NULL, NULL, NULL, 0, 0, 0, 0, 0, 0, true, '[]', '2026-03-04T12:00:00Z', '2026-03-04T12:10:00Z');
            """))
        {
            await command.ExecuteNonQueryAsync(Cancel);
        }

        await PostgresMigrations.ApplyAsync(database, NullLoggerFactory.Instance, TimeProvider.System, Cancel);
        var queries = new InterviewQueries(database, new EmotionSeriesQueries(database));
        var report = (await queries.GetReportAsync("s", Cancel))!;
        Assert.Equal((61.5f, 20, 10_000, 1, "a note"), (report.Overall, report.FramesAnalysed, report.AudioMs, report.Revision, report.Notes.Single()));
        Assert.Equal(0.4f, report.MeanEmotion.Happy);
        Assert.Equal(600_000, report.CompletedAtMs - report.StartedAtMs);
        Assert.Equal(("s/0", "quote", true), (report.Scores.Single().AnswerId, report.Scores[0].Evidence.Single(), report.Scores[0].NeedsHumanReview));
        var empty = (await queries.GetReportAsync("empty", Cancel))!;
        Assert.Equal((false, false, 0), (empty.EmotionKnown, empty.BehaviourKnown, empty.Scores.Count));
        Assert.Null(empty.MeanEmotion);
    }

    private async Task<NpgsqlDataSource> DatabaseAsync(IReadOnlyList<Migration> migrations)
    {
        var database = NpgsqlDataSource.Create(await postgres.CreateDatabaseAsync());
        await PostgresMigrations.ApplyAsync(database, migrations, NullLoggerFactory.Instance, TimeProvider.System, Cancel);
        return database;
    }
}
