namespace Cassandra;

/// <summary>What becomes of a failed attempt.</summary>
public sealed class RetryDecision
{
    private static readonly RetryDecision Rethrowing = new(RetryDecisionType.Rethrow, null, true, TimeSpan.Zero);
    private static readonly RetryDecision Ignoring = new(RetryDecisionType.Ignore, null, true, TimeSpan.Zero);

    private RetryDecision(RetryDecisionType type, ConsistencyLevel? consistency, bool useCurrentHost, TimeSpan delay)
    {
        DecisionType = type;
        RetryConsistencyLevel = consistency;
        UseCurrentHost = useCurrentHost;
        Delay = delay;
    }

    /// <summary>The kinds of decisions.</summary>
    public enum RetryDecisionType
    {
        /// <summary>Try again.</summary>
        Retry,

        /// <summary>The caller gets the error.</summary>
        Rethrow,

        /// <summary>The caller gets an empty result.</summary>
        Ignore,
    }

    /// <summary>The kind.</summary>
    public RetryDecisionType DecisionType { get; }

    /// <summary>The level to try again at; null for the same.</summary>
    public ConsistencyLevel? RetryConsistencyLevel { get; }

    /// <summary>Whether the same host is asked again, else the next of the plan.</summary>
    public bool UseCurrentHost { get; }

    /// <summary>Wait this long first (not in the official driver, which never waits).</summary>
    public TimeSpan Delay { get; }

    /// <summary>The caller gets the error.</summary>
    public static RetryDecision Rethrow() => Rethrowing;

    /// <summary>The caller gets an empty result.</summary>
    public static RetryDecision Ignore() => Ignoring;

    /// <summary>Try again, on the same host or on the plan's next, at once or after a delay.</summary>
    public static RetryDecision Retry(ConsistencyLevel? consistency, bool useCurrentHost = true, TimeSpan delay = default) =>
        new(RetryDecisionType.Retry, consistency, useCurrentHost, delay);
}

/// <summary>Decides about failed attempts. Shared by all requests: keeps no state of one.</summary>
public interface IRetryPolicy
{
    /// <summary>The coordinator waited in vain for enough replicas to answer a read.</summary>
    RetryDecision OnReadTimeout(IStatement query, ConsistencyLevel cl, int requiredResponses, int receivedResponses, bool dataRetrieved, int nbRetry);

    /// <summary>The coordinator waited in vain for enough replicas to acknowledge a write; it may have been applied.</summary>
    RetryDecision OnWriteTimeout(IStatement query, ConsistencyLevel cl, string writeType, int requiredAcks, int receivedAcks, int nbRetry);

    /// <summary>The coordinator knows that too few replicas are alive; nothing was done.</summary>
    RetryDecision OnUnavailable(IStatement query, ConsistencyLevel cl, int requiredReplica, int aliveReplica, int nbRetry);
}

/// <summary>A retry policy that also decides about errors of the coordinator or the connection to it.</summary>
public interface IExtendedRetryPolicy : IRetryPolicy
{
    /// <summary>
    /// The attempt ended without an answer, or with a server error, an overloaded coordinator, or a failed read or write. The statement may have been
    /// applied unless the error is <see cref="OverloadedException"/> or <see cref="IsBootstrappingException"/>.
    /// </summary>
    RetryDecision OnRequestError(IStatement statement, Configuration config, Exception ex, int nbRetry);
}
