using System.Threading.Tasks.Sources;

namespace Cassandra.Protocol;

/// <summary>
/// One stream id and the request that uses it: reused for request after request, so that a request allocates nothing here. Its state and a version that grows with each use
/// stand in one word: whoever moves it from active to done owns the completion, and a timer that looked at an earlier use cannot end a later one.
/// </summary>
internal sealed class PendingRequest(short stream, IStreamOwner owner) : IValueTaskSource<Response>
{
    private const long StateMask = 3;
    private const long Free = 0;
    private const long Active = 1;
    private const long Done = 2;
    private const long AwaitingLateAnswer = 3;
    private ManualResetValueTaskSourceCore<Response> _core = new() { RunContinuationsAsynchronously = true };
    private CancellationTokenRegistration _cancellation;
    private long _state;
    private bool _detached;

    public short Stream { get; } = stream;

    /// <summary>When it times out, in the time provider's timestamps.</summary>
    public long Deadline { get; private set; }

    public TimeSpan Timeout { get; private set; }

    /// <summary>Whether its bytes have left the write buffer; under the connection's lock.</summary>
    public bool Sent { get; set; }

    public bool IsAwaitingLateAnswer => (Volatile.Read(ref _state) & StateMask) == AwaitingLateAnswer;

    /// <summary>An id whose request was given up: it waits for an answer that nobody wants.</summary>
    public static PendingRequest Orphan(short stream, IStreamOwner owner) => new(stream, owner) { _state = AwaitingLateAnswer };

    public ValueTask<Response> Begin(long deadline, TimeSpan timeout)
    {
        Deadline = deadline;
        Timeout = timeout;
        Sent = false;
        Volatile.Write(ref _state, Next(_state, Active) + StateMask + 1);
        return new ValueTask<Response>(this, _core.Version);
    }

    /// <summary>Watches the caller's token for this use.</summary>
    public void Watch(CancellationToken ct)
    {
        if (ct.CanBeCanceled)
        {
            _cancellation = ct.UnsafeRegister(static (request, token) => ((PendingRequest)request!).Cancel(token), this);
        }
    }

    /// <summary>Of an active use; 0 otherwise. Goes into <see cref="TryClaim"/>.</summary>
    public long ActiveUse()
    {
        long state = Volatile.Read(ref _state);
        return (state & StateMask) == Active ? state : 0;
    }

    /// <summary>True for the one who may complete that use.</summary>
    public bool TryClaim(long use) => use != 0 && Interlocked.CompareExchange(ref _state, Next(use, Done), use) == use;

    public void Complete(Response response) => _core.SetResult(response);

    /// <param name="error">What the caller gets.</param>
    /// <param name="detach">The id is not to be freed with it: it belongs to an orphan now, or to nobody.</param>
    public void Fail(Exception error, bool detach)
    {
        _detached = detach;
        _core.SetException(error);
    }

    public Response GetResult(short token)
    {
        _cancellation.Dispose();
        _cancellation = default;
        try
        {
            return _core.GetResult(token);
        }
        finally
        {
            _core.Reset();
            if (!_detached)
            {
                Volatile.Write(ref _state, Next(_state, Free));
                owner.Release(this);
            }
        }
    }

    public ValueTaskSourceStatus GetStatus(short token) => _core.GetStatus(token);

    public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _core.OnCompleted(continuation, state, token, flags);

    private static long Next(long state, long to) => (state & ~StateMask) | to;

    private void Cancel(CancellationToken ct) => owner.GiveUp(this, ActiveUse(), new OperationCanceledException(ct));
}

/// <summary>What a pending request tells its connection.</summary>
internal interface IStreamOwner
{
    /// <summary>The id may be used again.</summary>
    void Release(PendingRequest request);

    /// <summary>The caller waits no longer: the id stays taken until its answer has come.</summary>
    void GiveUp(PendingRequest request, long use, Exception error);
}
