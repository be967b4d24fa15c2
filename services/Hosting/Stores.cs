using Microsoft.Extensions.Logging;
using Npgsql;
using StreamPlatform.Observability;
using StreamPlatform.Postgres.Migrations;
using StreamPlatform.Postgres.Pool;
using StreamPlatform.Postgres.Replica;
using StreamPlatform.Postgres.Stores;
using StreamPlatform.Providers;
using StreamPlatform.Topology.Ports;

namespace StreamPlatform.Hosting;

/// <summary>The stores behind their ports, on one PostgreSQL and, for the reads of pages and reports, its replica where there is one.</summary>
public sealed class Stores : IAsyncDisposable
{
    private readonly NpgsqlDataSource database;
    private readonly ReplicaReads? replica;

    private Stores(NpgsqlDataSource database, ReplicaReads? replica, TimeProvider time)
    {
        (this.database, this.replica) = (database, replica);
        Interviews = new PostgresInterviewStore(database);
        Series = new PostgresEmotionStore(database);
        Results = replica is null ? new InterviewQueries(database) : replica.Results(database);
        Reviews = replica is null ? new PostgresReviewQueue(database) : replica.Reviews(database);
        Resumes = new PostgresResumeStore(database, time);
        ResumeTasks = replica is null ? new ResumeQueries(database) : replica.ResumeTasks(database);
        Transcripts = replica is null ? new TranscriptQueries(database) : replica.Transcripts(database);
        Spending = new PostgresSpendLedger(database);
    }

    public IInterviewStore Interviews { get; }

    public IEmotionSeriesStore Series { get; }

    public IResultsReader Results { get; }

    public IReviewQueue Reviews { get; }

    public PostgresResumeStore Resumes { get; }

    public IResumeTaskReader ResumeTasks { get; }

    public ITranscriptReader Transcripts { get; }

    public ISpendLedger Spending { get; }

    /// <summary>Of the replica; empty without one.</summary>
    public IReadOnlyList<IHealthSource> HealthSources => replica is null ? [] : [replica];

    /// <summary>Connects and brings the schema up to date.</summary>
    /// <param name="replicaConnectionString">Of a streaming replica that reads may go to; empty = none.</param>
    public static async Task<Stores> OpenAsync(string connectionString, TimeProvider time, ILoggerFactory loggers, CancellationToken ct, string replicaConnectionString = "")
    {
        var database = PostgresPool.Open(connectionString, "primary", new PoolOptions(), loggers);
        try
        {
            await PostgresMigrations.ApplyAsync(database, loggers, time, ct);
            var replica = replicaConnectionString.Length == 0 ? null : await ReplicaReads.StartAsync(database, replicaConnectionString, time, loggers, ct);
            return new Stores(database, replica, time);
        }
        catch
        {
            await database.DisposeAsync();
            throw;
        }
    }

    /// <summary>Returns when the database has answered.</summary>
    /// <exception cref="NpgsqlException">It did not.</exception>
    public async Task PingAsync(CancellationToken ct)
    {
        await using var command = database.CreateCommand("SELECT 1");
        await command.ExecuteScalarAsync(ct);
    }

    public async ValueTask DisposeAsync()
    {
        if (replica is not null)
        {
            await replica.DisposeAsync();
        }

        await database.DisposeAsync();
    }
}
