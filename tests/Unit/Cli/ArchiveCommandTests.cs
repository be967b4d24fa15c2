using System.CommandLine;
using StreamPlatform.Cli.Commands;
using StreamPlatform.Hosting;
using StreamPlatform.Tests.Unit.Postgres;

namespace StreamPlatform.Tests.Unit.Cli;

public sealed class ArchiveCommandTests(PostgresFixture postgres) : MigratedDatabase(postgres)
{
    private readonly TemporaryDirectory directory = new();

    [Theory]
    [InlineData("archive", "give --before YYYY-MM or --restore YYYY-MM")]
    [InlineData("archive --before 2026-01 --restore 2026-01", "one of the two")]
    [InlineData("archive --before January", "it takes a month such as 2026-01")]
    [InlineData("archive --before 2026-01", "no PostgreSQL runs on")]
    public async Task What_cannot_be_done_is_said(string line, string says)
    {
        var error = await Assert.ThrowsAsync<ArgumentException>(() => RunAsync($"{line} --data {directory.Root}"));
        Assert.Contains(says, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_month_goes_and_comes_back_by_the_command()
    {
        await ExecuteAsync("SELECT ensure_month_partition('interview_sessions', '2025-11-05Z')");
        await ExecuteAsync("""
            INSERT INTO interview_sessions (session_id, tenant, candidate_id, candidate_name, position, jurisdiction, consent_video_emotion, consent_face_presence, consent_blink,
                consent_audio_transcription, status, degradation_level, question_index, question_count, questions, created_at, updated_at)
            VALUES ('s', 't', 'c', 'Ada', 'dev', 'US', true, true, true, true, 'completed', 0, 0, 0, '[]', '2025-11-05Z', '2025-11-05Z')
            """);

        Assert.Equal(0, await RunAsync("archive --before 2025-12"));
        Assert.Equal(0, await CountAsync());
        var stored = Directory.EnumerateFiles(Path.Combine(directory.Root, "media"), "*", SearchOption.AllDirectories).Where(f => f.Contains("archive", StringComparison.Ordinal));
        Assert.DoesNotContain("interview", await File.ReadAllTextAsync(Assert.Single(stored), System.Text.Encoding.Latin1, Cancel), StringComparison.Ordinal);
        Assert.Equal(0, await RunAsync("archive --restore 2025-11"));
        Assert.Equal(1, await CountAsync());
    }

    // the connection string holds spaces: not by the line
    private Task<int> RunAsync(string line)
    {
        string[] args = [.. line.Split(' ')[1..], .. line.Contains("--data", StringComparison.Ordinal) ? (string[])[] : ["--postgres", Database.ConnectionString, "--media", Path.Combine(directory.Root, "media")]];
        return new ArchiveCommand((options, loggers) => MediaStores.Open(options, TimeProvider.System, loggers).Objects).Create().Parse(args).InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false }, Cancel);
    }

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

    private async Task<long> CountAsync()
    {
        await using var command = Database.CreateCommand("SELECT count(*) FROM interview_sessions");
        return (long)(await command.ExecuteScalarAsync(Cancel))!;
    }
}
