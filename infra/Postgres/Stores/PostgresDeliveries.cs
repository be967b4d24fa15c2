using Npgsql;

namespace StreamPlatform.Postgres.Stores;

/// <summary>An outbox: what is to be sent to other systems, when each is due next, and what became of it. Safe for several senders at once.</summary>
public sealed class PostgresDeliveries(NpgsqlDataSource database)
{
    private const int MaxTaken = 500;

    /// <summary>Adds deliveries; one that is there already is left as it is.</summary>
    /// <exception cref="Streams.TransientException">The database cannot take it now.</exception>
    public Task AddAsync(IReadOnlyList<Delivery> batch, DateTimeOffset now, CancellationToken cancellationToken) => RunAsync(
        """
        INSERT INTO deliveries (delivery_id, tenant, session_id, sink, payload, next_attempt_at, created_at)
        SELECT id, tenant, session, sink, payload::jsonb, $6, $6 FROM unnest($1, $2, $3, $4, $5) AS d (id, tenant, session, sink, payload) ON CONFLICT (delivery_id) DO NOTHING
        """, cancellationToken,
        Of(batch, d => d.Id), Of(batch, d => d.Tenant), Of(batch, d => d.SessionId), Of(batch, d => d.Sink), Of(batch, d => d.Payload), now.UtcDateTime);

    /// <summary>Takes those that are due and counts the attempt; nobody else gets them until the lease is over, so a sender that dies loses none.</summary>
    /// <param name="limit">1..500.</param>
    public async Task<IReadOnlyList<Delivery>> TakeAsync(int limit, DateTimeOffset now, TimeSpan lease, CancellationToken cancellationToken)
    {
        await using var command = Command("""
            UPDATE deliveries SET attempts = attempts + 1, next_attempt_at = $2
            WHERE delivery_id IN (SELECT delivery_id FROM deliveries WHERE state = 'pending' AND next_attempt_at <= $1 ORDER BY next_attempt_at LIMIT $3 FOR UPDATE SKIP LOCKED)
            RETURNING delivery_id, tenant, session_id, sink, payload::text, attempts
            """, now.UtcDateTime, (now + lease).UtcDateTime, Math.Clamp(limit, 1, MaxTaken));
        var taken = new List<Delivery>();
        await using var row = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        while (await row.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            taken.Add(new(row.GetString(0), row.GetString(1), row.GetString(2), row.GetString(3), row.GetString(4), row.GetInt32(5)));
        }

        return taken;
    }

    /// <summary>It has arrived.</summary>
    public Task DeliveredAsync(string id, DateTimeOffset now, CancellationToken cancellationToken) =>
        RunAsync("UPDATE deliveries SET state = 'delivered', ended_at = $2, last_error = '' WHERE delivery_id = $1", cancellationToken, id, now.UtcDateTime);

    /// <summary>It has not arrived: once more at the time given, or never again.</summary>
    /// <param name="again">Null = it is given up.</param>
    public Task FailedAsync(string id, string error, DateTimeOffset now, DateTimeOffset? again, CancellationToken cancellationToken) => again is { } next
        ? RunAsync("UPDATE deliveries SET next_attempt_at = $2, last_error = left($3, 1000) WHERE delivery_id = $1 AND state = 'pending'", cancellationToken, id, next.UtcDateTime, error)
        : RunAsync("UPDATE deliveries SET state = 'failed', ended_at = $2, last_error = left($3, 1000) WHERE delivery_id = $1 AND state = 'pending'", cancellationToken, id, now.UtcDateTime, error);

    private Task RunAsync(string sql, CancellationToken cancellationToken, params object[] values) => Failures.ClassifyAsync("deliveries", async () =>
    {
        await using var command = Command(sql, values);
        await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
    });

    private NpgsqlCommand Command(string sql, params object[] values)
    {
        var command = database.CreateCommand(sql);
        command.AddAll(values);
        return command;
    }

    private static string[] Of(IReadOnlyList<Delivery> batch, Func<Delivery, string> value) => [.. batch.Select(value)];
}

/// <summary>One thing to send to one sink.</summary>
/// <param name="Id">Follows from sink and event, so that enqueuing again changes nothing.</param>
/// <param name="Payload">JSON.</param>
/// <param name="Attempts">Begun so far.</param>
public sealed record Delivery(string Id, string Tenant, string SessionId, string Sink, string Payload, int Attempts = 0);
