using StreamPlatform.Topology.Resumes;

namespace StreamPlatform.LanguageModels.Resumes;

/// <summary>
/// Lets calls start one after the other, evenly, so that no second holds more than its number of them: the call n places earlier lies at least a second and a margin back.
/// (A bucket of tokens would let up to twice as many through in a second: what it saved, and what it earns.) Urgent calls go first. Safe for concurrent use.
/// </summary>
public sealed class RequestPacer : IDisposable
{
    /// <summary>How late a timer may be without its lateness being lost.</summary>
    private static readonly TimeSpan CatchUp = TimeSpan.FromMilliseconds(20);

    private readonly Lock gate = new();
    private readonly PriorityLine line = new();
    private readonly TimeProvider time;
    private readonly TimeSpan window;
    private readonly TimeSpan spacing;
    private readonly TimeSpan[] granted;
    private readonly long origin;
    private readonly ITimer timer;
    private long grants;
    private TimeSpan due;
    private bool armed;

    /// <param name="perSecond">Calls per second, 1 or more.</param>
    /// <param name="margin">What a second is longer by.</param>
    public RequestPacer(int perSecond, TimeSpan margin, TimeProvider time)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(perSecond, 1);
        this.time = time;
        window = TimeSpan.FromSeconds(1) + margin;
        spacing = window / perSecond;
        granted = new TimeSpan[perSecond];
        origin = time.GetTimestamp();
        timer = time.CreateTimer(_ => OnTime(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Calls that wait.</summary>
    public int Waiting
    {
        get
        {
            lock (gate)
            {
                return line.Count;
            }
        }
    }

    /// <summary>Calls that were let through.</summary>
    public long Granted
    {
        get
        {
            lock (gate)
            {
                return grants;
            }
        }
    }

    /// <summary>Completes when the call may start: start it at once.</summary>
    public async Task WaitAsync(bool urgent, CancellationToken cancellationToken)
    {
        LinkedListNode<TaskCompletionSource> place;
        lock (gate)
        {
            if (line.Count == 0 && Now >= Due())
            {
                Grant();
                return;
            }

            place = line.Join(urgent);
            Arm();
        }

        await using var cancelled = cancellationToken.Register(() =>
        {
            lock (gate)
            {
                if (PriorityLine.Leave(place))
                {
                    place.Value.TrySetCanceled(cancellationToken);
                }
            }
        });
        await place.Value.Task.ConfigureAwait(false);
    }

    public void Dispose() => timer.Dispose();

    private TimeSpan Now => time.GetElapsedTime(origin);

    private TimeSpan Due()
    {
        if (grants == 0)
        {
            return TimeSpan.Zero;
        }

        var even = due + spacing;
        var earliest = grants < granted.Length ? TimeSpan.Zero : granted[grants % granted.Length] + window;
        return even > earliest ? even : earliest;
    }

    private void Grant()
    {
        var now = Now;
        var planned = Due();
        due = now - planned <= CatchUp && grants > 0 ? planned : now;
        granted[grants % granted.Length] = now;
        grants++;
    }

    private void Arm()
    {
        if (!armed)
        {
            armed = true;
            var wait = Math.Ceiling((Due() - Now).TotalMilliseconds);
            timer.Change(TimeSpan.FromMilliseconds(Math.Max(0, wait)), Timeout.InfiniteTimeSpan);
        }
    }

    private void OnTime()
    {
        lock (gate)
        {
            armed = false;
            while (line.Count > 0 && Now >= Due())
            {
                Grant();
                line.Next()!.SetResult();
            }

            if (line.Count > 0)
            {
                Arm();
            }
        }
    }
}
