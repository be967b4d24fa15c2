using Npgsql;
using StreamPlatform.Postgres.Stores;
using StreamPlatform.Streams;

namespace StreamPlatform.Postgres.Replica;

/// <summary>Sends a read to the replica where that shows what its reader expects (<see cref="ReadScope"/>), else to the primary.</summary>
public sealed class ReadRouter(ReplicaMonitor monitor)
{
    /// <summary>One read, asked of the replica and, where that cannot answer, of the primary.</summary>
    /// <typeparam name="TReader">The port.</typeparam>
    /// <typeparam name="T">Its answer.</typeparam>
    public async Task<T> ReadAsync<TReader, T>(TReader replica, TReader primary, Func<TReader, Task<T>> read)
    {
        var asOfMs = ReadScope.AsOfMs;
        if (!monitor.MayServe(asOfMs))
        {
            monitor.Count("primary", asOfMs > 0 && monitor.MayServe(0) ? "own-write" : "unusable");
            return await read(primary).ConfigureAwait(false);
        }

        try
        {
            var answer = await read(replica).ConfigureAwait(false);
            monitor.Count("replica", "fresh");
            return answer;
        }
        catch (Exception failure) when (OfReplica(failure) is { } error && IsReplicasFault(error))
        {
            // a conflict with replay cancels one query; everything else says that the server is away
            if (error is not PostgresException { SqlState: PostgresErrorCodes.SerializationFailure })
            {
                monitor.Failed(error.Message);
            }

            monitor.Count("primary", "failed");
            return await read(primary).ConfigureAwait(false);
        }
    }

    // As it is, or classified already (the emotion series). What fails elsewhere, in Cassandra, would fail again.
    private static NpgsqlException? OfReplica(Exception failure) => failure as NpgsqlException ?? (failure as TransientException)?.InnerException as NpgsqlException;

    // a query that takes too long would take too long on the primary as well
    private static bool IsReplicasFault(NpgsqlException error) => Failures.IsTransient(error) && error is not PostgresException { SqlState: PostgresErrorCodes.QueryCanceled };
}
