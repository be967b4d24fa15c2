using System.Security.Cryptography;
using System.Text;
using Npgsql;
using StreamPlatform.Topology.Ports;

namespace StreamPlatform.Postgres.Stores;

/// <summary>Quotas in table resume_client_usage: one statement per request, atomic over all gateways. Clients are kept as SHA-256.</summary>
public sealed class PostgresResumeQuota(NpgsqlDataSource database, TimeProvider time) : IResumeQuota
{
    /// <summary>After this nothing counts any more.</summary>
    private static readonly TimeSpan Life = TimeSpan.FromHours(25);

    public async ValueTask<TimeSpan> TakeAsync(string client, int resumes, ResumeLimits limits, CancellationToken cancellationToken)
    {
        var wait = TimeSpan.Zero;
        await Failures.ClassifyAsync("a client's quota", async () =>
        {
            await using var command = database.CreateCommand("SELECT take_resume_quota($1, $2, $3, $4, $5)");
            command.Parameters.Add(new() { Value = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(client))) });
            command.Parameters.Add(new() { Value = resumes });
            command.Parameters.Add(new() { Value = time.GetUtcNow() });
            command.Parameters.Add(new() { Value = limits.PerHour });
            command.Parameters.Add(new() { Value = limits.PerDay });
            wait = TimeSpan.FromMilliseconds((long)(await command.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false))!);
        }).ConfigureAwait(false);
        return wait;
    }

    /// <summary>Deletes what counts no more, of clients that do not come again; one that does deletes its own.</summary>
    /// <param name="limit">Rows at most.</param>
    /// <returns>Rows deleted.</returns>
    public async Task<int> DeleteExpiredAsync(int limit, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(
            "DELETE FROM resume_client_usage WHERE ctid = ANY (ARRAY(SELECT ctid FROM resume_client_usage WHERE minute < $1 LIMIT $2 FOR UPDATE SKIP LOCKED))");
        command.Parameters.Add(new() { Value = time.GetUtcNow() - Life });
        command.Parameters.Add(new() { Value = limit });
        return await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
    }
}
