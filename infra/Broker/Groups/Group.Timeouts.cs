using StreamPlatform.Broker.Wire;

namespace StreamPlatform.Broker.Groups;

internal sealed partial class Group
{
    /// <summary>Sets the one timer to the next deadline. A heartbeat only moves deadlines away: the timer then fires early, finds nothing, and is set again.</summary>
    private void Arm()
    {
        var next = NextDeadlineMs();
        if (next == _armedForMs)
        {
            return;
        }
        if (next == long.MaxValue)
        {
            _timer.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }
        else if (next < _armedForMs || _armedForMs == long.MaxValue)
        {
            _timer.Change(TimeSpan.FromMilliseconds(Math.Max(1, next - _time.MonotonicMs())), Timeout.InfiniteTimeSpan);
        }
        else
        {
            return;
        }
        _armedForMs = next;
    }

    private long NextDeadlineMs()
    {
        var next = _phaseDeadlineMs;
        foreach (var member in _members.Values)
        {
            if (!member.IsWaiting)
            {
                next = Math.Min(next, member.DeadlineMs);
            }
        }
        foreach (var deadline in _pendingMembers.Values)
        {
            next = Math.Min(next, deadline);
        }
        return next;
    }

    private void OnTimer()
    {
        lock (_gate)
        {
            _armedForMs = long.MaxValue;
            if (_state == GroupState.Dead)
            {
                return;
            }
            var now = _time.MonotonicMs();
            ExpirePending(now);
            ExpireSessions(now);
            if (now >= _phaseDeadlineMs)
            {
                EndPhase();
            }
            Arm();
        }
    }

    private void ExpirePending(long now)
    {
        var expired = _pendingMembers.Where(p => p.Value <= now).Select(p => p.Key).ToList();
        foreach (var id in expired)
        {
            _pendingMembers.Remove(id);
        }
        if (expired.Count > 0)
        {
            TryCompleteJoin();
        }
    }

    private void ExpireSessions(long now)
    {
        var expired = _members.Values.Where(m => !m.IsWaiting && m.DeadlineMs <= now).ToList();
        foreach (var member in expired)
        {
            Remove(member, ErrorCode.UnknownMemberId);
        }
        if (expired.Count > 0)
        {
            AfterRemoval();
        }
    }

    /// <summary>The time to join is over: go on without the late. The time to sync is over: remove who did not come and start again.</summary>
    private void EndPhase()
    {
        if (_state == GroupState.PreparingRebalance)
        {
            _pendingMembers.Clear();
            CompleteJoin();
        }
        else if (_state == GroupState.CompletingRebalance)
        {
            foreach (var late in _members.Values.Where(m => !m.Synced).ToList())
            {
                Remove(late, ErrorCode.UnknownMemberId);
            }
            PrepareRebalance();
        }
    }
}
