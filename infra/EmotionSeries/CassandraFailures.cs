using Cassandra;
using StreamPlatform.Streams;

namespace StreamPlatform.EmotionSeries;

/// <summary>Decides once which failures of Cassandra pass by themselves. Every statement of this project is idempotent, so a write whose fate is unknown is one of them.</summary>
internal static class CassandraFailures
{
    /// <exception cref="TransientException">The failure passes by itself.</exception>
    public static async Task<T> ClassifyAsync<T>(string what, Func<Task<T>> work)
    {
        try
        {
            return await work().ConfigureAwait(false);
        }
        catch (DriverException error) when (IsTransient(error))
        {
            throw Transient(what, error);
        }
    }

    public static TransientException Transient(string what, Exception error) => new($"Cassandra could not take {what} now: {error.Message}", error);

    /// <summary>
    /// Nodes or replicas that are away, busy, starting or too slow. Not: what the server refuses by its content or the user's rights (<see cref="QueryValidationException"/>),
    /// or what breaks the protocol.
    /// </summary>
    public static bool IsTransient(Exception error) => error switch
    {
        NoHostAvailableException none => !none.Errors.Values.Any(IsRefusal),
        QueryTimeoutException or UnavailableException or OverloadedException or IsBootstrappingException or TruncateException => true,
        ReadFailureException or WriteFailureException => true, // a replica failed; no row of ours is too large for one
        ServerErrorException => true, // "unexpected": seen while a node stops
        OperationTimedOutException or BusyPoolException => true,
        QueryValidationException or FunctionFailureException or ProtocolErrorException or AuthenticationException => false,
        DriverException => true, // the connection ended under the request
        _ => false,
    };

    // A node that refuses the credentials refuses them the next time too.
    private static bool IsRefusal(Exception error) => error is AuthenticationException or UnauthorizedException or ProtocolErrorException;
}
