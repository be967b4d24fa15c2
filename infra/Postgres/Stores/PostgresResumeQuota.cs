using System.Security.Cryptography;
using System.Text;
using Npgsql;
using StreamPlatform.Topology.Ports;

namespace StreamPlatform.Postgres.Stores;

/// <summary>Quotas in table resume_client_usage: one statement per request, atomic over all gateways. Clients are kept as SHA-256.</summary>
public sealed class PostgresResumeQuota(NpgsqlDataSource database, TimeProvider time) : IResumeQuota
{
    public async ValueTask<TimeSpan> TakeAsync(string client, int resumes, ResumeLimits limits, CancellationToken cancellationToken)
    {
        var wait = TimeSpan.Zero;
        await Failures.ClassifyAsync("a client's quota", async () =>
        {
            await using var command = database.CreateCommand("SELECT take_resume_quota($1, $2, $3, $4, $5)");
            command.AddAll(Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(client))), resumes, time.GetUtcNow(), limits.PerHour, limits.PerDay);
            wait = TimeSpan.FromMilliseconds((long)(await command.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false))!);
        }).ConfigureAwait(false);
        return wait;
    }
}
