using System.Security.Cryptography;
using System.Text;
using Npgsql;

namespace StreamPlatform.Postgres.Stores;

/// <summary>Which keys of AI providers there are and how much each is used. A key itself never reaches the database, only its SHA-256.</summary>
public sealed class PostgresApiKeys(NpgsqlDataSource database)
{
    // a provider's pool of keys
    private const int MaxKeys = 1000;

    /// <summary>SHA-256 of the key, lower-case hex. (Keys are long and random: no salt is needed to keep them from being guessed.)</summary>
    public static string Hash(string key) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key)));

    /// <summary>These keys of the provider are in use from now on, all others are not; their counts stay.</summary>
    /// <exception cref="ArgumentOutOfRangeException">More than 1,000 keys.</exception>
    /// <exception cref="Streams.TransientException">The database cannot take it now.</exception>
    public Task SetActiveAsync(string provider, IReadOnlyCollection<string> keyHashes, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(keyHashes.Count, MaxKeys);
        return Failures.ClassifyAsync("API keys", async () =>
        {
            await using var command = database.CreateCommand("""
                WITH known AS (INSERT INTO api_keys (provider, key_hash) SELECT $1, unnest($2) ON CONFLICT (provider, key_hash) DO UPDATE SET is_active = true)
                UPDATE api_keys SET is_active = false WHERE provider = $1 AND is_active AND key_hash <> ALL ($2)
                """);
            command.Parameters.Add(new() { Value = provider });
            command.Parameters.Add(new() { Value = keyHashes.ToArray() });
            await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
        });
    }

    /// <summary>Adds uses of a key; a key that is not known is none of ours and is passed over.</summary>
    /// <exception cref="Streams.TransientException">The database cannot take it now.</exception>
    public Task UsedAsync(string provider, string keyHash, long times, DateTimeOffset lastUse, CancellationToken cancellationToken) => Failures.ClassifyAsync("uses of an API key", async () =>
    {
        await using var command = database.CreateCommand("UPDATE api_keys SET usage_count = usage_count + $3, last_used_at = greatest(last_used_at, $4) WHERE provider = $1 AND key_hash = $2");
        foreach (var value in new object[] { provider, keyHash, times, lastUse.UtcDateTime })
        {
            command.Parameters.Add(new() { Value = value });
        }

        await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
    });

    /// <summary>The provider's keys in use, the least recently used first: the order of a rotation.</summary>
    public async Task<IReadOnlyList<ApiKeyRow>> ListAsync(string provider, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand("SELECT key_hash, usage_count, last_used_at FROM api_keys WHERE provider = $1 AND is_active ORDER BY last_used_at NULLS FIRST, key_hash LIMIT 1000");
        command.Parameters.Add(new() { Value = provider });
        var rows = new List<ApiKeyRow>();
        await using var row = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        while (await row.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            rows.Add(new(row.GetString(0), row.GetInt64(1), row.IsDBNull(2) ? null : new DateTimeOffset(row.GetDateTime(2), TimeSpan.Zero)));
        }

        return rows;
    }
}

/// <param name="KeyHash">SHA-256, lower-case hex.</param>
/// <param name="Uses">Calls made with it.</param>
/// <param name="LastUsed">Null: never.</param>
public sealed record ApiKeyRow(string KeyHash, long Uses, DateTimeOffset? LastUsed);
