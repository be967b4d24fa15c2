using Microsoft.Extensions.Logging;
using Npgsql;
using StreamPlatform.EmotionSeries;
using StreamPlatform.Observability;
using StreamPlatform.Postgres.Migrations;
using StreamPlatform.Postgres.Pool;
using StreamPlatform.Postgres.Replica;
using StreamPlatform.Postgres.Stores;
using StreamPlatform.Providers;
using StreamPlatform.Topology.Ports;

namespace StreamPlatform.Hosting;

/// <summary>The stores behind their ports, on one PostgreSQL (and, for the reads of pages and reports, its replica where there is one); the emotion series in Cassandra where one is given.</summary>
public sealed class Stores : IAsyncDisposable
{
    private readonly NpgsqlDataSource database;
    private readonly ReplicaReads? replica;
    private readonly CassandraSeries? cassandra;

    private Stores(NpgsqlDataSource database, ReplicaReads? replica, CassandraSeries? cassandra, TimeProvider time)
    {
        (this.database, this.replica, this.cassandra) = (database, replica, cassandra);
        Interviews = new PostgresInterviewStore(database);
        Series = cassandra?.Store ?? new PostgresEmotionStore(database);
        Readings = cassandra?.Reader ?? new EmotionSeriesQueries(database);
        Results = replica is null ? new InterviewQueries(database, Readings) : replica.Results(database, cassandra?.Reader);
        Reviews = replica is null ? new PostgresReviewQueue(database) : replica.Reviews(database);
        Resumes = new PostgresResumeStore(database, time);
        ResumeTasks = replica is null ? new ResumeQueries(database) : replica.ResumeTasks(database);
        Transcripts = replica is null ? new TranscriptQueries(database) : replica.Transcripts(database);
        Spending = new PostgresSpendLedger(database);
        ApiKeys = new PostgresApiKeys(database);
        ResumeQuotas = new PostgresResumeQuota(database, time);
        Probe = new PostgresProbe(database);
        Media = new PostgresMediaCatalog(database);
        Retention = new PostgresRetention(database, new(), time);
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

    public IKeyLedger ApiKeys { get; }

    public IResumeQuota ResumeQuotas { get; }

    public PostgresProbe Probe { get; }

    public IMediaCatalog Media { get; }

    /// <summary>Deletes rows whose time is over.</summary>
    public PostgresRetention Retention { get; }

    /// <summary>Of the replica; empty without one.</summary>
    public IReadOnlyList<IHealthSource> HealthSources => replica is null ? [] : [replica];

    /// <summary>Returns when Cassandra has answered; null where there is none.</summary>
    public Func<CancellationToken, Task>? PingCassandra => cassandra is null ? null : cassandra.CheckAsync;

    /// <summary>Connects and brings the schema up to date.</summary>
    /// <param name="connectionString">PostgreSQL in use.</param>
    /// <param name="options">Replica and Cassandra, where there are any.</param>
    public static async Task<Stores> OpenAsync(string connectionString, PlatformOptions options, TimeProvider time, ILoggerFactory loggers, CancellationToken ct)
    {
        var database = PostgresPool.Open(connectionString, "primary", new PoolOptions(), loggers);
        CassandraSeries? cassandra = null;
        try
        {
            await PostgresMigrations.ApplyAsync(database, loggers, time, ct);
            cassandra = options.Cassandra.ContactPoints.Length == 0 ? null : await CassandraSeries.OpenAsync(options.Cassandra, loggers, ct);
            var replica = options.PostgresReplica.Length == 0 ? null : await ReplicaReads.StartAsync(database, options.PostgresReplica, time, loggers, ct);
            return new Stores(database, replica, cassandra, time);
        }
        catch
        {
            if (cassandra is not null)
            {
                await cassandra.DisposeAsync();
            }

            await database.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (replica is not null)
        {
            await replica.DisposeAsync();
        }

        if (cassandra is not null)
        {
            await cassandra.DisposeAsync();
        }

        await database.DisposeAsync();
    }
}
