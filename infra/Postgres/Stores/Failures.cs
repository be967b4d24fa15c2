using Npgsql;
using StreamPlatform.Streams;

namespace StreamPlatform.Postgres.Stores;

/// <summary>Decides once which failures of the database pass by themselves.</summary>
internal static class Failures
{
    /// <summary>Runs the write on a connection of its own in one transaction; a transient failure leaves as TransientException.</summary>
    public static Task WriteAsync(NpgsqlDataSource database, string what, Func<NpgsqlConnection, Task> write, CancellationToken cancellationToken) =>
        ClassifyAsync(what, async () =>
        {
            await using var connection = await database.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
            await using var transaction = await connection.BeginTransactionAsync(cancellationToken).ConfigureAwait(false);
            await write(connection).ConfigureAwait(false);
            await transaction.CommitAsync(cancellationToken).ConfigureAwait(false);
        });

    public static async Task ClassifyAsync(string what, Func<Task> work)
    {
        try
        {
            await work().ConfigureAwait(false);
        }
        catch (NpgsqlException error) when (IsTransient(error))
        {
            throw new TransientException($"PostgreSQL could not take {what} now: {error.Message}", error);
        }
        catch (PostgresException error) when (error.SqlState is ['2', '2', ..] or PostgresErrorCodes.CheckViolation or PostgresErrorCodes.NotNullViolation)
        {
            // the record itself: it alone becomes a dead letter, for the rest of its batch is written without it
            throw new PoisonException($"PostgreSQL refuses {what}: {error.MessageText}", error);
        }
    }

    /// <summary>
    /// Npgsql's own judgement (connection broken, deadlock, serialisation, too many connections, shutting down), and beyond it every
    /// lack of resources (class 53: a full disk may be emptied), lock timeouts, and a server that is not there (no socket file yet).
    /// </summary>
    public static bool IsTransient(NpgsqlException error) =>
        error.IsTransient
        || error is PostgresException { SqlState: [ '5', '3', ..] or [ '0', '8', ..] or [ '5', '7', 'P', ..] or PostgresErrorCodes.LockNotAvailable or PostgresErrorCodes.QueryCanceled }
        || (error is not PostgresException && error.InnerException is System.Net.Sockets.SocketException or System.IO.IOException or TimeoutException);
}
