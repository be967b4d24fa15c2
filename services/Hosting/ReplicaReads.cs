using Microsoft.Extensions.Logging;
using Npgsql;
using StreamPlatform.Observability;
using StreamPlatform.Postgres.Pool;
using StreamPlatform.Postgres.Replica;
using StreamPlatform.Postgres.Stores;
using StreamPlatform.Topology.Ports;

namespace StreamPlatform.Hosting;

/// <summary>The readers of pages and reports on a replica. Its absence costs speed, never an answer: health tells it and stays green.</summary>
public sealed class ReplicaReads : IHealthSource, IAsyncDisposable
{
    private readonly NpgsqlDataSource replica;
    private readonly ReplicaMonitor monitor;
    private readonly ReadRouter router;

    private ReplicaReads(NpgsqlDataSource replica, ReplicaMonitor monitor) =>
        (this.replica, this.monitor, router) = (replica, monitor, new ReadRouter(monitor));

    public string Name => "postgres-replica";

    /// <summary>Opens its pool and asks for its state; a replica that does not answer is asked again later.</summary>
    /// <exception cref="ArgumentException">The connection string is none.</exception>
    public static async Task<ReplicaReads> StartAsync(NpgsqlDataSource primary, string connectionString, TimeProvider time, ILoggerFactory loggers, CancellationToken ct)
    {
        var replica = PostgresPool.Open(connectionString, "replica", new PoolOptions(), loggers);
        return new(replica, await ReplicaMonitor.StartAsync(primary, replica, new ReplicaOptions(), loggers, time, ct));
    }

    public HealthReport Check() => new(true, monitor.Health.Detail);

    public IResultsReader Results(NpgsqlDataSource primary) => new RoutedResults(router, new InterviewQueries(replica), new InterviewQueries(primary));

    public IReviewQueue Reviews(NpgsqlDataSource primary) => new RoutedReviews(router, new PostgresReviewQueue(replica), new PostgresReviewQueue(primary));

    public ITranscriptReader Transcripts(NpgsqlDataSource primary) => new RoutedTranscripts(router, new TranscriptQueries(replica), new TranscriptQueries(primary));

    public IResumeTaskReader ResumeTasks(NpgsqlDataSource primary) => new RoutedResumeTasks(router, new ResumeQueries(replica), new ResumeQueries(primary));

    public async ValueTask DisposeAsync()
    {
        await monitor.DisposeAsync();
        await replica.DisposeAsync();
    }
}
