using Microsoft.Extensions.Logging;
using Npgsql;
using StreamPlatform.Postgres.Migrations;
using StreamPlatform.Postgres.Stores;
using StreamPlatform.Providers;
using StreamPlatform.Topology.Ports;

namespace StreamPlatform.Hosting;

/// <summary>The stores behind their ports, on one PostgreSQL.</summary>
public sealed class Stores : IAsyncDisposable
{
    private readonly NpgsqlDataSource database;

    private readonly StoreUpkeep upkeep;

    private Stores(NpgsqlDataSource database, TimeProvider time, ILoggerFactory loggers)
    {
        this.database = database;
        Interviews = new PostgresInterviewStore(database);
        Series = new PostgresEmotionStore(database);
        Readings = new EmotionSeriesQueries(database);
        Results = new InterviewQueries(database, Readings);
        Reviews = new PostgresReviewQueue(database);
        Resumes = new PostgresResumeStore(database, time);
        ResumeTasks = new ResumeQueries(database);
        Transcripts = new TranscriptQueries(database);
        Spending = new PostgresSpendLedger(database);
        ResumeQuotas = new PostgresResumeQuota(database, time);
        Probe = new PostgresProbe(database);
        upkeep = new(database, time, loggers.CreateLogger<StoreUpkeep>());
    }

    public IInterviewStore Interviews { get; }

    public IEmotionSeriesStore Series { get; }

    public IEmotionSeriesReader Readings { get; }

    public IResultsReader Results { get; }

    public IReviewQueue Reviews { get; }

    public PostgresResumeStore Resumes { get; }

    public IResumeTaskReader ResumeTasks { get; }

    public ITranscriptReader Transcripts { get; }

    public ISpendLedger Spending { get; }

    public IResumeQuota ResumeQuotas { get; }

    public IStoreProbe Probe { get; }

    /// <summary>Connects and brings the schema up to date.</summary>
    public static async Task<Stores> OpenAsync(string connectionString, TimeProvider time, ILoggerFactory loggers, CancellationToken ct)
    {
        var database = new NpgsqlDataSourceBuilder(connectionString).UseLoggerFactory(loggers).Build();
        try
        {
            await PostgresMigrations.ApplyAsync(database, loggers, time, ct);
            return new Stores(database, time, loggers);
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
        await upkeep.DisposeAsync();
        await database.DisposeAsync();
    }
}
