using System.Net;
using Cassandra.Protocol;

namespace Cassandra;

/// <summary>What one attempt came to: an answer (an error of the server among them), or a failure to get one.</summary>
internal readonly record struct Attempt(Host Host, Response? Response, DriverException? Failure);

/// <summary>What a request came to in the end.</summary>
internal readonly record struct Answer(Response Response, Host Host, ResultShape Shape, ConsistencyLevel Consistency, IReadOnlyList<IPEndPoint>? Failed);

/// <summary>
/// One request beyond its first, plain attempt: walks the plan of hosts, asks the retry policy, prepares again where a host has forgotten, and keeps the
/// deadline over all of it. Several executions of one request (speculative ones) share it, and with it the plan: no two ask the same host.
/// </summary>
internal sealed class RequestRun
{
    /// <summary>Attempts of one request at most, whatever policies say.</summary>
    public const int MaxAttempts = 100;

    private readonly Lock gate = new();
    private readonly Session session;
    private readonly Statement statement;
    private readonly byte[]? pagingState;
    private readonly long deadline;
    private readonly Dictionary<IPEndPoint, Exception> errors = [];
    private IEnumerator<Host>? plan;
    private Host? already;
    private int attempts;

    public RequestRun(Session session, Statement statement, byte[]? pagingState, long started)
    {
        this.session = session;
        this.statement = statement;
        this.pagingState = pagingState;
        deadline = started + (long)(session.Configuration.QueryTimeout.TotalSeconds * session.Time.TimestampFrequency);
    }

    public bool IsIdempotent => statement.IsIdempotent ?? session.Configuration.QueryOptions.GetDefaultIdempotence();

    /// <summary>The host that the latest attempt went to.</summary>
    public Host? LastHost { get; private set; }

    /// <summary>Goes on after a first attempt that was made without a run, or begins.</summary>
    /// <exception cref="NoHostAvailableException">No host of the plan could be asked or may be asked again.</exception>
    public async Task<Answer> RunAsync(Request request, ResultShape shape, Attempt? first, CancellationToken ct)
    {
        Execution execution = new() { Request = request, Shape = shape };
        already = first?.Host;
        Attempt? pending = first;
        Host? host = first?.Host ?? NextHost();
        while (host is not null)
        {
            Attempt attempt = pending ?? await AttemptAsync(host, execution.Request, ct).ConfigureAwait(false);
            pending = null;
            if (attempt is { Failure: null, Response: not ErrorResponse and { } response })
            {
                return new Answer(response, host, execution.Shape, RequestMaker.ConsistencyOf(execution.Request), Failed());
            }
            host = await AfterFailureAsync(execution, attempt, ct).ConfigureAwait(false);
        }
        lock (gate)
        {
            throw new NoHostAvailableException(new Dictionary<IPEndPoint, Exception>(errors));
        }
    }

    // returns the host to ask next; null when none is left
    private async Task<Host?> AfterFailureAsync(Execution execution, Attempt attempt, CancellationToken ct)
    {
        Host host = attempt.Host;
        if (attempt.Response is ErrorResponse { Code: ErrorCode.Unprepared, Details: UnpreparedDetails unknown } && execution.Unprepared++ < 2)
        {
            await PrepareAgainAsync(host, unknown.Id, ct).ConfigureAwait(false);
            execution.Request = RequestMaker.WithConsistency(
                RequestMaker.Make(statement, session.Configuration.QueryOptions, session.Keyspace, out ResultShape shape, pagingState),
                RequestMaker.ConsistencyOf(execution.Request));
            execution.Shape = shape;
            return host;
        }
        DriverException error = attempt.Failure ?? ((ErrorResponse)attempt.Response!).ToException(host.Address);
        session.Metrics.Error(error);
        lock (gate)
        {
            errors[host.Address] = error;
        }
        if (error is BusyPoolException or ConnectionClosedException { RequestSent: false })
        {
            return NextHost(); // nothing was sent: any host may take it, idempotent or not
        }
        RetryDecision decision = Decide(error, execution.Retries);
        if (decision.DecisionType == RetryDecision.RetryDecisionType.Ignore)
        {
            throw new IgnoredException(host);
        }
        if (decision.DecisionType == RetryDecision.RetryDecisionType.Rethrow || Remaining() <= decision.Delay)
        {
            throw error;
        }
        execution.Retries++;
        session.Metrics.Retried(error);
        if (decision.RetryConsistencyLevel is { } consistency)
        {
            execution.Request = RequestMaker.WithConsistency(execution.Request, consistency);
        }
        if (decision.Delay > TimeSpan.Zero)
        {
            await Task.Delay(decision.Delay, session.Time, ct).ConfigureAwait(false);
        }
        return decision.UseCurrentHost ? host : NextHost() ?? (decision.Delay > TimeSpan.Zero ? FromTheStart() : null);
    }

    private RetryDecision Decide(DriverException error, int retries)
    {
        if (statement.IsIdempotent is null && IsIdempotent)
        {
            statement.SetIdempotence(true); // policies look at the statement
        }
        IRetryPolicy policy = statement.RetryPolicy ?? session.Configuration.Policies.RetryPolicy;
        return error switch
        {
            ReadTimeoutException e =>
                policy.OnReadTimeout(statement, e.ConsistencyLevel, e.RequiredAcknowledgements, e.ReceivedAcknowledgements, e.WasDataRetrieved, retries),
            WriteTimeoutException e =>
                policy.OnWriteTimeout(statement, e.ConsistencyLevel, e.WriteType, e.RequiredAcknowledgements, e.ReceivedAcknowledgements, retries),
            UnavailableException e => policy.OnUnavailable(statement, e.Consistency, e.RequiredReplicas, e.AliveReplicas, retries),
            QueryValidationException or AuthenticationException or ProtocolErrorException or MalformedDataException => RetryDecision.Rethrow(),
            _ => policy is IExtendedRetryPolicy extended ? extended.OnRequestError(statement, session.Configuration, error, retries) : RetryDecision.Rethrow(),
        };
    }

    private async Task<Attempt> AttemptAsync(Host host, Request request, CancellationToken ct)
    {
        TimeSpan remaining = Remaining();
        if (remaining <= TimeSpan.Zero || Interlocked.Increment(ref attempts) > MaxAttempts)
        {
            throw new OperationTimedOutException(host.Address, session.Configuration.QueryTimeout);
        }
        LastHost = host;
        IConnection? connection = session.PoolOf(host)?.Borrow();
        if (connection is null)
        {
            return new Attempt(host, null, new ConnectionClosedException(host.Address, requestSent: false, null));
        }
        TimeSpan timeout = session.AttemptTimeout(statement);
        try
        {
            return new Attempt(host, await connection.SendAsync(request, timeout < remaining ? timeout : remaining, ct).ConfigureAwait(false), null);
        }
        catch (DriverException failure)
        {
            return new Attempt(host, null, failure);
        }
    }

    private Host? NextHost()
    {
        lock (gate)
        {
            plan ??= session.Configuration.Policies.LoadBalancingPolicy.NewQueryPlan(session.Keyspace, statement).GetEnumerator();
            while (plan.MoveNext())
            {
                if (plan.Current.IsUp && plan.Current != already)
                {
                    return plan.Current;
                }
            }
            return null;
        }
    }

    // for errors that time alone heals: where there is no other host, the same one is asked again
    private Host? FromTheStart()
    {
        lock (gate)
        {
            plan?.Dispose();
            plan = null;
            already = null;
        }
        return NextHost();
    }

    private async Task PrepareAgainAsync(Host host, byte[] id, CancellationToken ct)
    {
        IEnumerable<Statement> parts = statement is BatchStatement batch ? batch.Statements : [statement];
        PreparedStatement forgotten = parts.OfType<BoundStatement>().Select(part => part.PreparedStatement).FirstOrDefault(prepared => prepared.Id.AsSpan().SequenceEqual(id))
            ?? throw new ServerErrorException($"host {host.Address} does not know a statement that it was not asked for");
        await session.PrepareOnAsync(host, forgotten, ct).ConfigureAwait(false);
    }

    private TimeSpan Remaining() => session.Time.GetElapsedTime(session.Time.GetTimestamp(), deadline);

    private List<IPEndPoint>? Failed()
    {
        lock (gate)
        {
            return errors.Count == 0 ? null : [.. errors.Keys];
        }
    }

    private sealed class Execution
    {
        public required Request Request { get; set; }

        public required ResultShape Shape { get; set; }

        public int Retries { get; set; }

        public int Unprepared { get; set; }
    }
}

/// <summary>The retry policy wants an empty result.</summary>
internal sealed class IgnoredException(Host host) : Exception
{
    public Host Host { get; } = host;
}
