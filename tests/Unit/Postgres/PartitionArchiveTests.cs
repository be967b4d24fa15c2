using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using StreamPlatform.Postgres.Archive;
using Xunit;

namespace StreamPlatform.Tests.Unit.Postgres;

/// <summary>Old months leave for the object store and come back with the same rows, wherever a run ends.</summary>
public sealed class PartitionArchiveTests(PostgresFixture postgres) : MigratedDatabase(postgres)
{
    private static readonly DateOnly March = new(2026, 3, 1);
    private static readonly DateOnly April = new(2026, 4, 1);

    private readonly TemporaryDirectory directory = new();

    private DirectoryObjects Objects => new(directory.Root);

    public static TheoryData<string> ArchiveSteps => ["Detached", "Copied", "Stored", "Verified", "Dropped"];

    [Fact]
    public async Task A_month_leaves_and_comes_back_with_the_same_rows()
    {
        await FillAsync();
        var before = await RowsAsync();

        var archived = await Archive().ArchiveAsync(April, Cancel);

        Assert.Equal(["emotion_observations_2026_03 500", "interview_sessions_2026_03 40"], archived.Select(a => $"{a.Name} {a.Rows}").Order(StringComparer.Ordinal));
        Assert.Equal("april,other", await TextAsync("SELECT string_agg(session_id, ',' ORDER BY session_id) FROM interview_sessions"));
        Assert.Equal("", await LeftoversAsync());

        Assert.Equal(2, (await Archive().RestoreAsync(March, Cancel)).Count);

        Assert.Equal(before, await RowsAsync());
        Assert.Equal("", await LeftoversAsync());
        Assert.Equal("interview_sessions_2026_03", await TextAsync("SELECT DISTINCT tableoid::regclass::text FROM interview_sessions WHERE created_at >= '2026-03-01Z' AND created_at < '2026-04-01Z'"));
        Assert.Equal("0", await TextAsync("SELECT count(*)::text FROM pg_index p JOIN pg_inherits t ON p.indrelid = t.inhparent WHERE NOT EXISTS (SELECT 1 FROM pg_index i JOIN pg_inherits a ON a.inhrelid = i.indexrelid WHERE i.indrelid = t.inhrelid AND a.inhparent = p.indexrelid)"));
    }

    [Theory]
    [MemberData(nameof(ArchiveSteps))]
    public async Task A_run_that_ends_after_any_step_loses_nothing_and_the_next_one_finishes_it(string step)
    {
        await FillAsync();
        var before = await RowsAsync();
        await Assert.ThrowsAsync<KilledException>(() => Archive(killAfter: step).ArchiveAsync(April, Cancel));

        await Archive().ArchiveAsync(April, Cancel);
        Assert.Equal("", await LeftoversAsync());
        await Archive().RestoreAsync(March, Cancel);

        Assert.Equal(before, await RowsAsync());
    }

    [Theory]
    [InlineData("Loaded")]
    [InlineData("Attached")]
    public async Task A_restore_that_ends_after_any_step_is_finished_by_the_next_one(string step)
    {
        await FillAsync();
        var before = await RowsAsync();
        await Archive().ArchiveAsync(April, Cancel);
        await Assert.ThrowsAsync<KilledException>(() => Archive(killAfter: step).RestoreAsync(March, Cancel));

        await Archive().RestoreAsync(March, Cancel);

        Assert.Equal(before, await RowsAsync());
        Assert.Equal("", await LeftoversAsync());
    }

    [Fact]
    public async Task Nothing_is_dropped_while_the_object_does_not_give_the_rows_back()
    {
        await FillAsync();
        var before = await RowsAsync();
        var damaging = new PartitionArchive(Database, Objects, NullLoggerFactory.Instance, TimeProvider.System)
        {
            AfterStep = async step =>
            {
                if (step == ArchiveStep.Stored)
                {
                    await foreach (var stored in Objects.ListAsync("", Cancel))
                    {
                        var bytes = await File.ReadAllBytesAsync(Objects.PathOf(stored.Key), Cancel);
                        bytes[bytes.Length / 2] ^= 1;
                        await File.WriteAllBytesAsync(Objects.PathOf(stored.Key), bytes, Cancel);
                    }
                }
            },
        };

        await Assert.ThrowsAsync<PostgresArchiveException>(() => damaging.ArchiveAsync(April, Cancel));

        Assert.NotEqual("", await LeftoversAsync()); // the rows are there still, and the next run goes on
        await Archive().ArchiveAsync(April, Cancel);
        await Archive().RestoreAsync(March, Cancel);
        Assert.Equal(before, await RowsAsync());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Rows_that_came_late_for_an_archived_month_stay_and_win(bool inPartition)
    {
        await FillAsync();
        await Archive().ArchiveAsync(April, Cancel);
        if (inPartition)
        {
            await ExecuteAsync("SELECT ensure_month_partition('interview_sessions', '2026-03-05Z')");
        }

        await SessionAsync("late", "2026-03-09Z", "new");
        await SessionAsync("march1", "2026-03-01 01:00Z", "newer");
        await ExecuteAsync("SELECT ensure_month_partition('interview_sessions', '2026-03-05Z')"); // another writer that starts now
        await Archive().RestoreAsync(March, Cancel);

        Assert.Equal("41", await TextAsync("SELECT count(*)::text FROM interview_sessions WHERE created_at >= '2026-03-01Z' AND created_at < '2026-04-01Z'"));
        Assert.Equal("newer", await TextAsync("SELECT string_agg(candidate_name, ',') FROM interview_sessions WHERE session_id = 'march1'"));

        // and the month can be archived again, late rows included
        var again = await Archive().ArchiveAsync(April, Cancel);
        Assert.Contains("interview_sessions_2026_03 2 41", again.Select(a => $"{a.Name} {a.Part} {a.Rows}"));
    }

    [Fact]
    public async Task A_session_of_a_month_that_left_before_there_was_an_index_is_found_by_its_id_when_it_is_back()
    {
        await FillAsync();
        await Archive().ArchiveAsync(April, Cancel);
        await ExecuteAsync("DELETE FROM session_index");

        await Archive().RestoreAsync(March, Cancel);

        Assert.Equal("40", await TextAsync("SELECT count(*)::text FROM session_index JOIN interview_sessions USING (session_id, created_at)"));
    }

    [Fact]
    public async Task An_object_that_is_gone_is_named()
    {
        await FillAsync();
        var archived = await Archive().ArchiveAsync(April, Cancel);
        foreach (var partition in archived)
        {
            await Objects.DeleteAsync(partition.Key, Cancel);
        }

        var error = await Assert.ThrowsAsync<PostgresArchiveException>(() => Archive().RestoreAsync(March, Cancel));

        Assert.Contains("is not in the object store", error.Message, StringComparison.Ordinal);
    }

    private PartitionArchive Archive(string killAfter = "") => new(Database, Objects, NullLoggerFactory.Instance, TimeProvider.System)
    {
        AfterStep = step => step.ToString() == killAfter ? throw new KilledException() : Task.CompletedTask,
    };

    private async Task FillAsync()
    {
        await ExecuteAsync("SELECT ensure_month_partition(t, m) FROM unnest(ARRAY['interview_sessions', 'emotion_observations']) t, unnest(ARRAY['2026-03-05Z', '2026-04-05Z']::timestamptz[]) m");
        await SessionAsync("other", "1999-01-01Z", "x");
        await SessionAsync("april", "2026-04-02Z", "x");
        for (var n = 1; n <= 40; n++)
        {
            await SessionAsync($"march{n}", $"2026-03-01 {n % 24:00}:00Z", n % 2 == 0 ? "" : "näme, \"quoted\"\n");
        }

        await ExecuteAsync("""
            INSERT INTO emotion_observations (session_id, sequence, captured_at, tenant, question_index, face_count, happy, dominant, eye_openness, eyes_closed, model_version, analysed_at)
            SELECT 'march' || n % 40, n, '2026-03-02Z'::timestamptz + n * interval '1 s', 't', 0, 1, CASE WHEN n % 3 = 0 THEN NULL ELSE n / 7.0 END, 'happy', 0.1, false, 'm', '2026-03-02Z' FROM generate_series(1, 500) n
            """);
    }

    private Task SessionAsync(string id, string at, string name) => ExecuteAsync($$"""
        INSERT INTO interview_sessions (session_id, tenant, candidate_id, candidate_name, position, jurisdiction, consent_video_emotion, consent_face_presence, consent_blink,
            consent_audio_transcription, status, degradation_level, question_index, question_count, questions, created_at, updated_at)
        VALUES ('{{id}}', 't', 'c', '{{name}}', 'dev', 'US', true, true, true, true, 'completed', 0, 0, 0, '[{"id":"q"}]', '{{at}}', '{{at}}')
        """);

    private async Task<string?> RowsAsync() =>
        await TextAsync("SELECT md5(string_agg(s::text, '|' ORDER BY session_id)) FROM interview_sessions s") + await TextAsync("SELECT md5(string_agg(e::text, '|' ORDER BY sequence)) FROM emotion_observations e");

    private Task<string?> LeftoversAsync() => TextAsync("SELECT coalesce(string_agg(relname, ','), '') FROM pg_class WHERE relname ~ '_(archiving|restoring)_' AND relkind = 'r'");

    public override async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        await base.DisposeAsync();
        directory.Dispose();
    }

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

    private sealed class KilledException : Exception;
}
