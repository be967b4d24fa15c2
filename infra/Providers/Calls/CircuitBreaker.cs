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
                return state == BreakerState.Open && time.GetUtcNow() - openedAt >= rules.OpenFor ? BreakerState.HalfOpen : state;
            }
        }
    }

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
            if (state == BreakerState.Open && time.GetUtcNow() - openedAt >= rules.OpenFor)
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

    private void Ended(int began, bool? success)
    {
        BreakerState before, after;
        lock (gate)
        {
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
        openedAt = next == BreakerState.Open ? time.GetUtcNow() : openedAt;
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

        public void Failed() => End(false);

        public void Dispose() => End(null);

        private void End(bool? success)
        {
            if (!ended)
            {
                ended = true;
                breaker.Ended(era, success);
            }
        }
    }
}
