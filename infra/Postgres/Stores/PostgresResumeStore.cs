using Google.Protobuf;
using Npgsql;
using StreamPlatform.Schemas.V1;
using StreamPlatform.Topology.Ports;

namespace StreamPlatform.Postgres.Stores;

/// <summary>Tasks, results and the cache of results in PostgreSQL. Failures that pass by themselves leave as TransientException.</summary>
public sealed class PostgresResumeStore(NpgsqlDataSource database, TimeProvider time) : IResumeStore, IResumeCache
{
    private static readonly TimeSpan Life = TimeSpan.FromDays(7);

    // One expired row for each row written keeps the table as small as what is used, without a job of its own.
    private const string PutSql = """
        WITH old AS (DELETE FROM resume_cache WHERE tenant = $1 AND job_id = $2 AND job_version < $4 AND candidate_id <> $3),
             expired AS (DELETE FROM resume_cache WHERE ctid IN (SELECT ctid FROM resume_cache WHERE expires_at < $7 AND (tenant, job_id, candidate_id) <> ($1, $2, $3) LIMIT 2 FOR UPDATE SKIP LOCKED))
        INSERT INTO resume_cache (tenant, job_id, candidate_id, job_version, content_hash, result, expires_at) VALUES ($1, $2, $3, $4, $5, $6, $8)
        ON CONFLICT (tenant, job_id, candidate_id) DO UPDATE SET job_version = excluded.job_version, content_hash = excluded.content_hash, result = excluded.result, expires_at = excluded.expires_at
            WHERE excluded.job_version >= resume_cache.job_version
        """;

    public async ValueTask WriteResumeRequestsAsync(IReadOnlyList<ResumeRequested> batch, CancellationToken cancellationToken) =>
        await Failures.WriteAsync(database, "resume requests", connection => ResumeTables.Items.UpsertAsync(connection, batch, cancellationToken), cancellationToken).ConfigureAwait(false);

    public async ValueTask WriteResumeResultsAsync(IReadOnlyList<ResumeOptimized> batch, CancellationToken cancellationToken) =>
        await Failures.WriteAsync(database, "resume results", connection => ResumeTables.Optimizations.UpsertAsync(connection, batch, cancellationToken), cancellationToken).ConfigureAwait(false);

    public async ValueTask<ResumeOptimized?> FindAsync(ResumeKey key, CancellationToken cancellationToken)
    {
        ResumeOptimized? found = null;
        await Failures.ClassifyAsync("a look into the cache of resumes", async () =>
        {
            await using var command = database.CreateCommand(
                "SELECT result FROM resume_cache WHERE tenant = $1 AND job_id = $2 AND candidate_id = $3 AND job_version = $4 AND content_hash = $5 AND expires_at > $6");
            command.AddAll(key.Tenant, key.JobId, key.CandidateId, key.JobVersion, key.ContentHash, Now);
            found = await command.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false) is byte[] bytes ? ResumeOptimized.Parser.ParseFrom(bytes) : null;
        }).ConfigureAwait(false);
        return found;
    }

    public async ValueTask PutAsync(ResumeKey key, ResumeOptimized result, CancellationToken cancellationToken) =>
        await Failures.ClassifyAsync("a result for the cache of resumes", async () =>
        {
            await using var command = database.CreateCommand(PutSql);
            command.AddAll(key.Tenant, key.JobId, key.CandidateId, key.JobVersion, key.ContentHash, result.ToByteArray(), Now, Now + Life);
            await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
        }).ConfigureAwait(false);

    private DateTime Now => time.GetUtcNow().UtcDateTime;
}
