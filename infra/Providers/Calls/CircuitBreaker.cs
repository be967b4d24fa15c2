namespace StreamPlatform.Providers;

/// <summary>State of the breaker of one kind of calls.</summary>
public enum BreakerState
{
    /// <summary>Calls are made.</summary>
    Closed,

    /// <summary>A few calls are made, to see whether the provider works again.</summary>
    HalfOpen,

    /// <summary>No call is made.</summary>
    Open,
}

/// <summary>How a breaker does, for health pages.</summary>
/// <param name="Kind">Whose.</param>
/// <param name="State">Now.</param>
/// <param name="Since">When it came into that state; since the start when it never left it.</param>
/// <param name="LastFailure">What failed last, in the provider's status and code or words of this program: nothing that was asked or answered, no key. Empty = nothing has.</param>
/// <param name="LastFailureAt">When; null = nothing has.</param>
public sealed record BreakerStatus(CallKind Kind, BreakerState State, DateTimeOffset Since, string LastFailure, DateTimeOffset? LastFailureAt);

/// <summary>R-21.</summary>
/// <param name="Failures">In a row that open it.</param>
/// <param name="Successes">While half open that close it.</param>
/// <param name="OpenFor">Until it is half open.</param>
/// <param name="Probes">Calls at the same time while half open.</param>
internal sealed record BreakerRules(int Failures, int Successes, TimeSpan OpenFor, int Probes)
{
    public static BreakerRules Of(CallKind kind) => kind switch
    {
        CallKind.Chat => new(3, 2, TimeSpan.FromSeconds(60), 2),
        _ => new(5, 3, TimeSpan.FromSeconds(30), 3),
    };
}

/// <summary>
/// Stops calls to a provider that fails. Counts attempts; only failures of the provider count (time-outs, 5xx, connections), not limits, keys or answers.
/// Attempts that began before a change of state count for nothing after it. Safe for concurrent use.
/// </summary>
internal sealed class CircuitBreaker(BreakerRules rules, TimeProvider time, Action<BreakerState, BreakerState> changed)
{
    private readonly Lock gate = new();
    private BreakerState state = BreakerState.Closed;
    private DateTimeOffset openedAt;
    private DateTimeOffset since = time.GetUtcNow();
    private string lastFailure = "";
    private DateTimeOffset? lastFailureAt;
    private int failures;
    private int successes;
    private int probes;
    private int era;

    public BreakerState State
    {
        get
        {
            lock (gate)
            {
                return OpenOver ? BreakerState.HalfOpen : state;
            }
        }
    }

    public BreakerStatus Status(CallKind kind)
    {
        lock (gate)
        {
            return OpenOver
                ? new(kind, BreakerState.HalfOpen, openedAt + rules.OpenFor, lastFailure, lastFailureAt)
                : new(kind, state, since, lastFailure, lastFailureAt);
        }
    }

    // The next call would be a probe: it is half open though nothing has happened yet.
    private bool OpenOver => state == BreakerState.Open && time.GetUtcNow() - openedAt >= rules.OpenFor;

    /// <summary>How long until a call may be tried; zero when one may.</summary>
    public TimeSpan OpenFor
    {
        get
        {
            lock (gate)
            {
                var left = openedAt + rules.OpenFor - time.GetUtcNow();
                return state == BreakerState.Open && left > TimeSpan.Zero ? left : TimeSpan.Zero;
            }
        }
    }

    /// <summary>Permission for one attempt, to be disposed; null = none.</summary>
    public Permit? TryEnter()
    {
        var before = BreakerState.Closed;
        Permit? permit;
        lock (gate)
        {
            before = state;
            if (OpenOver)
            {
                Become(BreakerState.HalfOpen);
            }

            if (state == BreakerState.Open || state == BreakerState.HalfOpen && probes >= rules.Probes)
            {
                return null;
            }

            probes += state == BreakerState.HalfOpen ? 1 : 0;
            permit = new Permit(this, era);
        }

        Tell(before, BreakerState.HalfOpen);
        return permit;
    }

    private void Ended(int began, bool? success, string what)
    {
        BreakerState before, after;
        lock (gate)
        {
            if (success == false)
            {
                (lastFailure, lastFailureAt) = (what, time.GetUtcNow());
            }

            if (began != era)
            {
                return;
            }

            before = state;
            if (state == BreakerState.HalfOpen)
            {
                probes--;
                successes += success == true ? 1 : 0;
                if (success == false)
                {
                    Become(BreakerState.Open);
                }
                else if (successes >= rules.Successes)
                {
                    Become(BreakerState.Closed);
                }
            }
            else
            {
                failures = success switch { true => 0, false => failures + 1, null => failures };
                if (failures >= rules.Failures)
                {
                    Become(BreakerState.Open);
                }
            }

            after = state;
        }

        Tell(before, after);
    }

    private void Become(BreakerState next)
    {
        state = next;
        era++;
        failures = successes = probes = 0;
        since = time.GetUtcNow();
        openedAt = next == BreakerState.Open ? since : openedAt;
    }

    private void Tell(BreakerState before, BreakerState after)
    {
        if (before != after && !(before == BreakerState.Closed && after == BreakerState.HalfOpen))
        {
            changed(before, after);
        }
    }

    /// <summary>One attempt. Disposed without a word, it says nothing about the provider.</summary>
    internal sealed class Permit(CircuitBreaker breaker, int era) : IDisposable
    {
        private bool ended;

        public void Succeeded() => End(true);

        /// <param name="what">In words that hold no secret.</param>
        public void Failed(string what = "") => End(false, what);

        public void Dispose() => End(null);

        private void End(bool? success, string what = "")
        {
            if (!ended)
            {
                ended = true;
                breaker.Ended(era, success, what);
            }
        }
    }
}
