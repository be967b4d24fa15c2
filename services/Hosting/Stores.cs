using Microsoft.Extensions.Logging;
using Npgsql;
using StreamPlatform.EmotionSeries;
using StreamPlatform.Postgres.Migrations;
using StreamPlatform.Postgres.Stores;
using StreamPlatform.Providers;
using StreamPlatform.Topology.Ports;

namespace StreamPlatform.Hosting;

/// <summary>The stores behind their ports, on one PostgreSQL; the emotion series in Cassandra where one is given.</summary>
public sealed class Stores : IAsyncDisposable
{
    private readonly NpgsqlDataSource database;

    private readonly CassandraSeries? cassandra;

    private Stores(NpgsqlDataSource database, CassandraSeries? cassandra, TimeProvider time)
    {
        (this.database, this.cassandra) = (database, cassandra);
        Interviews = new PostgresInterviewStore(database);
        Series = cassandra?.Store ?? new PostgresEmotionStore(database);
        Readings = cassandra?.Reader ?? new EmotionSeriesQueries(database);
        Results = new InterviewQueries(database, Readings);
        Reviews = new PostgresReviewQueue(database);
        Resumes = new PostgresResumeStore(database, time);
        ResumeTasks = new ResumeQueries(database);
        Transcripts = new TranscriptQueries(database);
        Spending = new PostgresSpendLedger(database);
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

    /// <summary>Returns when Cassandra has answered; null where there is none.</summary>
    public Func<CancellationToken, Task>? PingCassandra => cassandra is null ? null : cassandra.CheckAsync;

    /// <summary>Connects and brings the schema up to date.</summary>
    /// <param name="series">Cassandra of the emotion series; without contact points it lies in PostgreSQL.</param>
    public static async Task<Stores> OpenAsync(string connectionString, CassandraSeriesOptions series, TimeProvider time, ILoggerFactory loggers, CancellationToken ct)
    {
        var database = new NpgsqlDataSourceBuilder(connectionString).UseLoggerFactory(loggers).Build();
        try
        {
            await PostgresMigrations.ApplyAsync(database, loggers, time, ct);
            return new Stores(database, series.ContactPoints.Length == 0 ? null : await CassandraSeries.OpenAsync(series, loggers, ct), time);
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
        if (cassandra is not null)
        {
            await cassandra.DisposeAsync();
        }

        await database.DisposeAsync();
    }
}
