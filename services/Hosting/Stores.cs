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

    private Stores(NpgsqlDataSource database, TimeProvider time)
    {
        this.database = database;
        Interviews = new PostgresInterviewStore(database);
        Series = new PostgresEmotionStore(database);
        Results = new InterviewQueries(database);
        Reviews = new PostgresReviewQueue(database);
        Resumes = new PostgresResumeStore(database, time);
        ResumeTasks = new ResumeQueries(database);
        Transcripts = new TranscriptQueries(database);
        Spending = new PostgresSpendLedger(database);
        Media = new PostgresMediaCatalog(database);
        Retention = new PostgresRetention(database, new(), time);
    }

    public IInterviewStore Interviews { get; }

    public IEmotionSeriesStore Series { get; }

    public IResultsReader Results { get; }

    public IReviewQueue Reviews { get; }

    public PostgresResumeStore Resumes { get; }

    public IResumeTaskReader ResumeTasks { get; }

    public ITranscriptReader Transcripts { get; }

    public ISpendLedger Spending { get; }

    public IMediaCatalog Media { get; }

    /// <summary>Deletes rows whose time is over.</summary>
    public PostgresRetention Retention { get; }

    /// <summary>Connects and brings the schema up to date.</summary>
    public static async Task<Stores> OpenAsync(string connectionString, TimeProvider time, ILoggerFactory loggers, CancellationToken ct)
    {
        var database = new NpgsqlDataSourceBuilder(connectionString).UseLoggerFactory(loggers).Build();
        try
        {
            await PostgresMigrations.ApplyAsync(database, loggers, time, ct);
            return new Stores(database, time);
        }
        catch
        {
            await database.DisposeAsync();
            throw;
        }
    }

    public ValueTask DisposeAsync() => database.DisposeAsync();
}
