namespace Cassandra;

/// <summary>
/// The default, decided by the class of the error:
/// <list type="bullet">
/// <item>read timeout: once, on the same host, if enough replicas answered but the one asked for data did not (the coordinator knows better now);</item>
/// <item>write timeout: once, on the same host, if the statement is idempotent (a timed-out write may have been applied, whatever its type);</item>
/// <item>unavailable: once, on the next host (this coordinator may be cut off);</item>
/// <item>overloaded: on the next host after 10, 20, 40 ms ... (doubling, up to half of it random), at most <see cref="MaxOverloadedRetries"/> times;</item>
/// <item>bootstrapping: on the next host;</item>
/// <item>no answer (time-out, broken connection), server error, truncation: on the next host if the statement is idempotent;</item>
/// <item>everything else, read and write failures among it: the caller gets the error.</item>
/// </list>
/// </summary>
public class DefaultRetryPolicy : IExtendedRetryPolicy
{
    /// <summary>Attempts after the first that an overloaded cluster gets.</summary>
    public const int MaxOverloadedRetries = 5;

    /// <summary>The first wait; each further one is twice as long.</summary>
    public static readonly TimeSpan OverloadedBaseDelay = TimeSpan.FromMilliseconds(10);

    private readonly Random random;

    /// <summary>With random jitter.</summary>
    public DefaultRetryPolicy() : this(Random.Shared)
    {
    }

    internal DefaultRetryPolicy(Random random) => this.random = random;

    /// <inheritdoc/>
    public virtual RetryDecision OnReadTimeout(IStatement query, ConsistencyLevel cl, int requiredResponses, int receivedResponses, bool dataRetrieved, int nbRetry) =>
        nbRetry == 0 && receivedResponses >= requiredResponses && !dataRetrieved ? RetryDecision.Retry(cl) : RetryDecision.Rethrow();

    /// <inheritdoc/>
    public virtual RetryDecision OnWriteTimeout(IStatement query, ConsistencyLevel cl, string writeType, int requiredAcks, int receivedAcks, int nbRetry) =>
        nbRetry == 0 && query.IsIdempotent == true ? RetryDecision.Retry(cl) : RetryDecision.Rethrow();

    /// <inheritdoc/>
    public virtual RetryDecision OnUnavailable(IStatement query, ConsistencyLevel cl, int requiredReplica, int aliveReplica, int nbRetry) =>
        nbRetry == 0 ? RetryDecision.Retry(cl, useCurrentHost: false) : RetryDecision.Rethrow();

    /// <inheritdoc/>
    public virtual RetryDecision OnRequestError(IStatement statement, Configuration config, Exception ex, int nbRetry) => ex switch
    {
        OverloadedException => nbRetry < MaxOverloadedRetries
            ? RetryDecision.Retry(null, useCurrentHost: false, OverloadedDelay(nbRetry))
            : RetryDecision.Rethrow(),
        IsBootstrappingException => RetryDecision.Retry(null, useCurrentHost: false),
        ReadFailureException or WriteFailureException or FunctionFailureException => RetryDecision.Rethrow(), // the same would happen again
        _ => statement.IsIdempotent == true ? RetryDecision.Retry(null, useCurrentHost: false) : RetryDecision.Rethrow(),
    };

    private TimeSpan OverloadedDelay(int nbRetry) => OverloadedBaseDelay * (1 << Math.Min(nbRetry, 10)) * (1 - random.NextDouble() / 2);
}

/// <summary>Every error reaches the caller.</summary>
public sealed class FallthroughRetryPolicy : IExtendedRetryPolicy
{
    /// <summary>The one instance.</summary>
    public static readonly FallthroughRetryPolicy Instance = new();

    /// <inheritdoc/>
    public RetryDecision OnReadTimeout(IStatement query, ConsistencyLevel cl, int requiredResponses, int receivedResponses, bool dataRetrieved, int nbRetry) =>
        RetryDecision.Rethrow();

    /// <inheritdoc/>
    public RetryDecision OnWriteTimeout(IStatement query, ConsistencyLevel cl, string writeType, int requiredAcks, int receivedAcks, int nbRetry) => RetryDecision.Rethrow();

    /// <inheritdoc/>
    public RetryDecision OnUnavailable(IStatement query, ConsistencyLevel cl, int requiredReplica, int aliveReplica, int nbRetry) => RetryDecision.Rethrow();

    /// <inheritdoc/>
    public RetryDecision OnRequestError(IStatement statement, Configuration config, Exception ex, int nbRetry) => RetryDecision.Rethrow();
}
