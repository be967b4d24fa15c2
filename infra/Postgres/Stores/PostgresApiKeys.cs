using Npgsql;
using StreamPlatform.Providers;

namespace StreamPlatform.Postgres.Stores;

/// <summary>Which keys of AI providers there are and how much each is used. A key itself never reaches the database, only its SHA-256.</summary>
public sealed class PostgresApiKeys(NpgsqlDataSource database) : IKeyLedger
{
    // a provider's pool of keys
    private const int MaxKeys = 1000;

    // Writers of one provider take turns: within SetActive the rows of the UPDATE are locked before those of the INSERT, in no order of their keys, and two would deadlock.
    private const string TakeTurns = "SELECT pg_advisory_xact_lock(hashtextextended('api-keys/' || $1, 0))";

    private const string SetActive = """
        WITH known AS (
            INSERT INTO api_keys (provider, key_hash) SELECT $1, hash FROM unnest($2) AS hash ORDER BY hash
            ON CONFLICT (provider, key_hash) DO UPDATE SET is_active = true WHERE NOT api_keys.is_active)
        UPDATE api_keys SET is_active = false WHERE provider = $1 AND is_active AND key_hash <> ALL ($2)
        """;

    // A key that is not there was removed before anyone could tell that it was in force.
    private const string AddUses = """
        INSERT INTO api_keys AS known (provider, key_hash, is_active, usage_count, last_used_at)
        SELECT $1, hash, false, times, last FROM unnest($2, $3, $4) AS used (hash, times, last) ORDER BY hash
        ON CONFLICT (provider, key_hash) DO UPDATE SET usage_count = known.usage_count + excluded.usage_count, last_used_at = greatest(known.last_used_at, excluded.last_used_at)
        """;

    /// <inheritdoc />
    /// <exception cref="ArgumentOutOfRangeException">More than 1,000 keys.</exception>
    /// <exception cref="Streams.TransientException">The database cannot take it now.</exception>
    public Task SetActiveAsync(string provider, IReadOnlyCollection<string> keyHashes, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(keyHashes.Count, MaxKeys);
        return RunAsync(SetActive, cancellationToken, provider, keyHashes.ToArray());
    }

    /// <inheritdoc />
    /// <exception cref="ArgumentOutOfRangeException">More than 1,000 keys.</exception>
    /// <exception cref="Streams.TransientException">The database cannot take it now.</exception>
    public Task AddUsesAsync(string provider, IReadOnlyCollection<KeyUses> uses, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(uses.Count, MaxKeys);
        return RunAsync(
            AddUses, cancellationToken, provider, uses.Select(u => u.KeyHash).ToArray(), uses.Select(u => u.Times).ToArray(), uses.Select(u => u.Last.UtcDateTime).ToArray());
    }

    /// <summary>The provider's keys in force, the least recently used first: the order of a rotation.</summary>
    public async Task<IReadOnlyList<ApiKeyRow>> ListAsync(string provider, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand("SELECT key_hash, usage_count, last_used_at FROM api_keys WHERE provider = $1 AND is_active ORDER BY last_used_at NULLS FIRST, key_hash LIMIT 1000");
        command.AddAll(provider);
        var rows = new List<ApiKeyRow>();
        await using var row = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        while (await row.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            rows.Add(new(row.GetString(0), row.GetInt64(1), row.IsDBNull(2) ? null : new DateTimeOffset(row.GetDateTime(2), TimeSpan.Zero)));
        }

        return rows;
    }

    /// <param name="values">The provider first.</param>
    private Task RunAsync(string sql, CancellationToken cancellationToken, params object[] values) => Failures.WriteAsync(database, "uses of API keys", async connection =>
    {
        await using (var turn = new NpgsqlCommand(TakeTurns, connection))
        {
            turn.AddAll(values[0]);
            await turn.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
        }

        await using var command = new NpgsqlCommand(sql, connection);
        command.AddAll(values);
        await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
    }, cancellationToken);
}

/// <param name="KeyHash">SHA-256, lower-case hex.</param>
/// <param name="Uses">Calls made with it.</param>
/// <param name="LastUsed">Null: never.</param>
public sealed record ApiKeyRow(string KeyHash, long Uses, DateTimeOffset? LastUsed);
