namespace StreamPlatform.Speech;

/// <summary>Which engine the next segment goes to. One state machine: first engine in use, or offline with one probe at a time. Safe for concurrent use.</summary>
internal sealed class EngineChoice(FailoverOptions options, TimeProvider time)
{
    private readonly Lock gate = new();
    private int failures;
    private bool offline;
    private bool probing;
    private long probeAt;

    /// <summary>Segments go to the offline engine.</summary>
    public bool Offline
    {
        get
        {
            lock (gate)
            {
                return offline;
            }
        }
    }

    /// <summary>Whether a segment may try the first engine. One that may must end with <see cref="Succeeded"/>, <see cref="Failed"/> or <see cref="Abandoned"/>.</summary>
    public bool MayTry()
    {
        lock (gate)
        {
            if (!offline)
            {
                return true;
            }
            if (probing || time.GetTimestamp() < probeAt)
            {
                return false;
            }
            probing = true;
            return true;
        }
    }

    /// <returns>True when this brought the first engine back into use.</returns>
    public bool Succeeded()
    {
        lock (gate)
        {
            bool back = offline;
            failures = 0;
            offline = probing = false;
            return back;
        }
    }

    /// <param name="certain">The next segment would fail as well.</param>
    /// <param name="breaker">The breaker refused: asking again costs nothing.</param>
    /// <returns>True when this put the first engine out of use.</returns>
    public bool Failed(bool certain, bool breaker)
    {
        lock (gate)
        {
            failures = Math.Min(failures + 1, options.FailuresToSwitch);
            bool leaves = !offline && (certain || failures >= options.FailuresToSwitch);
            if (offline || leaves)
            {
                offline = true;
                probing = false;
                long waitMs = breaker ? options.BreakerProbeEveryMs : options.ProbeEveryMs;
                probeAt = time.GetTimestamp() + (waitMs * time.TimestampFrequency / 1_000);
            }
            return leaves;
        }
    }

    /// <summary>The attempt ended without saying anything about the engine.</summary>
    public void Abandoned()
    {
        lock (gate)
        {
            probing = false;
        }
    }
}
