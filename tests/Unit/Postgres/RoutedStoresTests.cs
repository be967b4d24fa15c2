using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using StreamPlatform.Hosting;
using StreamPlatform.Postgres.Replica;
using StreamPlatform.Schemas.V1;
using Xunit;

namespace StreamPlatform.Tests.Unit.Postgres;

/// <summary>The stores as services open them, beside a real streaming replica: which reads it answers, and what happens when it goes.</summary>
[Collection(PostgresCollection.Name)]
public sealed class RoutedStoresTests(PostgresFixture postgres) : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private StreamingReplica pair = null!;
    private Stores stores = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static long NowMs => TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();

    public async ValueTask InitializeAsync()
    {
        PostgresFixture.RequirePrograms();
        pair = await StreamingReplica.StartAsync(postgres);
        var options = new PlatformOptions { Postgres = pair.Primary.ConnectionString, PostgresReplica = pair.ReplicaConnectionString };
        stores = await Stores.OpenAsync(options.Postgres, options, TimeProvider.System, NullLoggerFactory.Instance, Cancel);
        await WriteAsync(0);
        await UntilAsync(async () => stores.HealthSources.Single().Check().Detail.Contains("at most", StringComparison.Ordinal) && await OnReplicaAsync("SELECT count(*) FROM resume_items") == 1);
    }

    [Fact]
    public async Task Lists_results_reports_reviews_transcripts_and_tasks_come_from_the_replica_and_the_own_change_from_the_primary()
    {
        // beyond 5 s behind the primary answers: on a busy machine it may take more than one attempt to ask in time
        var n = 0;
        bool fromReplica;
        do
        {
            n++;
            Assert.True(n < 20, "the replica was never read");
            await UntilAsync(async () => await OnReplicaAsync("SELECT count(*) FROM resume_items") == n);
            await OnReplicaAsync("SELECT pg_wal_replay_pause()::text = ''");
            await WriteAsync(n);
            fromReplica = await ReadsAsync(n) == (n, n, n, false, false, false); // whoever changed nothing sees what the replica holds
            using (ReadScope.Enter(NowMs))
            {
                Assert.Equal((n + 1, n + 1, n + 1, true, true, true), await ReadsAsync(n));
            }

            await OnReplicaAsync("SELECT pg_wal_replay_resume()::text = ''");
        }
        while (!fromReplica);

        await UntilAsync(async () => await ReadsAsync(n) == (n + 1, n + 1, n + 1, true, true, true));
    }

    [Fact]
    public async Task The_first_reads_after_the_replica_has_gone_are_answered_too()
    {
        foreach (var read in new Func<Task<bool>>[]
        {
            async () => await stores.Results.GetResultsAsync("s0", Cancel) is not null,
            async () => (await stores.Reviews.ListAsync("open", 10, Cancel)).Count == 1,
        })
        {
            await UntilAsync(async () => await Task.FromResult(stores.HealthSources.Single().Check().Detail.Contains("at most", StringComparison.Ordinal)));
            await pair.StopReplicaAsync();
            Assert.True(await read());
            await pair.StartReplicaAsync();
        }
    }

    private async Task<(int Sessions, int Reviews, int Transcripts, bool Results, bool Report, bool Task)> ReadsAsync(int n) =>
    (
        (await stores.Results.ListSessionsAsync(100, Cancel)).Count,
        (await stores.Reviews.ListAsync("open", 100, Cancel)).Count,
        (await stores.Transcripts.ListAsync(false, 100, Cancel)).Count,
        await stores.Results.GetResultsAsync($"s{n}", Cancel) is not null,
        await stores.Results.GetReportAsync($"s{n}", Cancel) is not null,
        await stores.ResumeTasks.GetTaskAsync($"s{n}", Cancel) is not null);

    private async Task WriteAsync(int n)
    {
        var id = $"s{n}";
        await stores.Interviews.WriteSessionsAsync([new() { SessionId = id, Tenant = "t", CandidateId = "c", CreatedAtMs = 1_772_625_600_000, UpdatedAtMs = 1_772_625_600_000 }], Cancel);
        await stores.Interviews.WriteScoresAsync([new() { AnswerId = $"{id}/0", SessionId = id, Tenant = "t", NeedsHumanReview = true, ScoredAtMs = 1 }], Cancel);
        await stores.Interviews.WriteTranscriptsAsync([new() { Completed = new() { AnswerId = $"{id}/0", SessionId = id, Tenant = "t", CompletedAtMs = 1 } }], Cancel);
        await stores.Interviews.WriteReportsAsync([new() { SessionId = id, Tenant = "t" }], Cancel);
        await stores.Resumes.WriteResumeRequestsAsync([new() { TaskId = id, Tenant = "t", RequestedAtMs = 1 }], Cancel);
    }

    private async Task<long> OnReplicaAsync(string sql)
    {
        await using var connection = new NpgsqlConnection(pair.ReplicaConnectionString);
        await connection.OpenAsync(Cancel);
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync(Cancel) as long? ?? 0;
    }

    private static async Task UntilAsync(Func<Task<bool>> reached)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        patience.CancelAfter(Patience);
        while (!await reached())
        {
            await Task.Delay(20, patience.Token);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (stores is not null)
        {
            await stores.DisposeAsync();
        }

        if (pair is not null)
        {
            await pair.DisposeAsync();
        }
    }
}
