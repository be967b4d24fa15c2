using StreamPlatform.Broker.Wire;

namespace StreamPlatform.Broker.Groups;

internal sealed partial class Group
{
    /// <summary>Takes a member in. The source completes when the next generation begins, or at once with an error.</summary>
    public TaskCompletionSource<JoinResult> Join(JoinRequest request)
    {
        var waiter = new TaskCompletionSource<JoinResult>(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gate)
        {
            var refusal = _state == GroupState.Dead ? ErrorCode.CoordinatorNotAvailable
                : !Supports(request) ? ErrorCode.InconsistentGroupProtocol
                : ErrorCode.None;
            if (refusal != ErrorCode.None)
            {
                waiter.SetResult(new JoinResult(refusal, request.MemberId));
            }
            else if (request.MemberId.Length == 0)
            {
                JoinUnknown(request, waiter);
            }
            else
            {
                JoinKnown(request, waiter);
            }
            Arm();
        }
        return waiter;
    }

    /// <summary>The client of a waiting join went away: its session runs again; a member that never learned its id is dropped.</summary>
    public void AbandonJoin(TaskCompletionSource<JoinResult> waiter, bool knowsItsId)
    {
        lock (_gate)
        {
            if (_members.Values.FirstOrDefault(m => ReferenceEquals(m.JoinWaiter, waiter)) is not { } member)
            {
                return;
            }
            member.JoinWaiter = null;
            Touch(member);
            if (!knowsItsId && !member.IsStatic)
            {
                Remove(member, ErrorCode.UnknownMemberId);
                AfterRemoval();
            }
            Arm();
        }
    }

    private void JoinUnknown(JoinRequest request, TaskCompletionSource<JoinResult> waiter)
    {
        var id = $"{request.InstanceId ?? request.ClientId}-{Guid.NewGuid()}";
        if (request.InstanceId is { } instance && _idByInstance.TryGetValue(instance, out var old))
        {
            ReplaceStatic(_members[old], id, request, waiter);
        }
        else if (_members.Count + _pendingMembers.Count >= _options.MaxMembers)
        {
            waiter.SetResult(new JoinResult(ErrorCode.GroupMaxSizeReached, ""));
        }
        else if (request.InstanceId is null && request.NeedsKnownMemberId)
        {
            _pendingMembers[id] = _time.MonotonicMs() + request.SessionTimeoutMs;
            waiter.SetResult(new JoinResult(ErrorCode.MemberIdRequired, id));
        }
        else
        {
            AddAndRebalance(id, request, waiter);
        }
    }

    private void JoinKnown(JoinRequest request, TaskCompletionSource<JoinResult> waiter)
    {
        if (request.InstanceId is null && _pendingMembers.Remove(request.MemberId))
        {
            AddAndRebalance(request.MemberId, request, waiter);
            return;
        }
        var error = Identify(request.MemberId, request.InstanceId, out var member);
        if (member is null)
        {
            waiter.SetResult(new JoinResult(error, request.MemberId));
            return;
        }
        // a member that repeats a join it has been answered gets the same answer; anything else starts a rebalance
        var isRepeat = member.Offers(request.Protocols)
            && (_state == GroupState.CompletingRebalance || (_state == GroupState.Stable && member.Id != _leader));
        Update(member, request);
        if (isRepeat)
        {
            Touch(member);
            waiter.SetResult(Joined(member));
            return;
        }
        AwaitJoin(member, waiter);
        if (_state == GroupState.PreparingRebalance)
        {
            TryCompleteJoin();
        }
        else
        {
            PrepareRebalance();
        }
    }

    private void AddAndRebalance(string id, JoinRequest request, TaskCompletionSource<JoinResult> waiter)
    {
        var member = new GroupMember(id, request.InstanceId);
        Update(member, request);
        _protocolType = request.ProtocolType;
        Add(member);
        AwaitJoin(member, waiter);
        if (_state == GroupState.PreparingRebalance)
        {
            TryCompleteJoin();
        }
        else
        {
            PrepareRebalance();
        }
    }

    /// <summary>A static member is back under a new id: the old one is fenced, the assignment passes on, and a stable group stays stable.</summary>
    private void ReplaceStatic(GroupMember old, string newId, JoinRequest request, TaskCompletionSource<JoinResult> waiter)
    {
        var (leaderBefore, selectedBefore) = (_leader, _protocolName);
        var member = new GroupMember(newId, old.InstanceId) { Assignment = old.Assignment, Synced = old.Synced };
        Update(member, request);
        var wasLeader = _leader == old.Id;
        Remove(old, ErrorCode.FencedInstanceId);
        Add(member);
        if (wasLeader)
        {
            _leader = member.Id;
        }
        Touch(member);
        if (_state == GroupState.Stable && SelectProtocol() == selectedBefore)
        {
            _log.SaveGroup(Snapshot());
            // before version 9 the answer names the old id as leader, so that the member does not compute an assignment nobody would get (KAFKA-13435)
            waiter.SetResult(request.CanSkipAssignment
                ? Joined(member) with { SkipAssignment = wasLeader }
                : Joined(member) with { Leader = leaderBefore ?? "", Members = [] });
            return;
        }
        AwaitJoin(member, waiter);
        if (_state == GroupState.PreparingRebalance)
        {
            TryCompleteJoin();
        }
        else
        {
            PrepareRebalance();
        }
    }

    private static void AwaitJoin(GroupMember member, TaskCompletionSource<JoinResult> waiter)
    {
        // an earlier join of the same member, sent before a reconnect, is answered so that it does not hang
        member.JoinWaiter?.TrySetResult(new JoinResult(ErrorCode.RebalanceInProgress, member.Id));
        member.JoinWaiter = waiter;
    }

    private static void Update(GroupMember member, JoinRequest request)
    {
        member.ClientId = request.ClientId;
        member.ClientHost = request.ClientHost;
        member.SessionTimeoutMs = request.SessionTimeoutMs;
        member.RebalanceTimeoutMs = request.RebalanceTimeoutMs;
        member.Protocols = request.Protocols;
    }

    private void PrepareRebalance()
    {
        foreach (var member in _members.Values.Where(m => m.SyncWaiter is not null))
        {
            member.SyncWaiter!.TrySetResult(new SyncResult(ErrorCode.RebalanceInProgress, []));
            member.SyncWaiter = null;
            Touch(member);
        }
        SetState(GroupState.PreparingRebalance);
        _phaseDeadlineMs = _time.MonotonicMs() + _members.Values.Select(m => m.RebalanceTimeoutMs).DefaultIfEmpty(0).Max();
        TryCompleteJoin();
    }

    private void TryCompleteJoin()
    {
        if (_state == GroupState.PreparingRebalance && _pendingMembers.Count == 0 && _members.Values.All(m => m.JoinWaiter is not null))
        {
            CompleteJoin();
        }
    }

    /// <summary>Begins the next generation with the members that joined; static ones stay even if they did not.</summary>
    private void CompleteJoin()
    {
        foreach (var late in _members.Values.Where(m => m.JoinWaiter is null && !m.IsStatic).ToList())
        {
            Remove(late, ErrorCode.UnknownMemberId);
        }
        if (_members.Count == 0)
        {
            BecomeEmpty();
            return;
        }
        if (_members.Values.All(m => m.JoinWaiter is null))
        {
            _phaseDeadlineMs = _time.MonotonicMs() + _members.Values.Max(m => m.RebalanceTimeoutMs);
            return;
        }
        if (_leader is null || !_members.TryGetValue(_leader, out var leader) || leader.JoinWaiter is null)
        {
            _leader = _members.Values.First(m => m.JoinWaiter is not null).Id;
        }
        _generation++;
        _protocolName = SelectProtocol();
        SetState(GroupState.CompletingRebalance);
        _phaseDeadlineMs = _time.MonotonicMs() + _members.Values.Max(m => m.RebalanceTimeoutMs);
        foreach (var member in _members.Values)
        {
            member.Synced = false;
            if (member.JoinWaiter is { } waiter)
            {
                member.JoinWaiter = null;
                Touch(member);
                waiter.TrySetResult(Joined(member));
            }
        }
    }

    private void BecomeEmpty()
    {
        _generation++;
        _protocolName = null;
        _leader = null;
        SetState(GroupState.Empty);
        _log.SaveGroup(Snapshot());
    }

    private JoinResult Joined(GroupMember member) => new(
        ErrorCode.None, member.Id, _generation, _protocolType, _protocolName, _leader ?? "",
        Members: member.Id == _leader
            ? [.. _members.Values.Select(m => new JoinedMember(m.Id, m.InstanceId, m.MetadataFor(_protocolName)))]
            : []);

    private bool Supports(JoinRequest request)
    {
        if (request.ProtocolType.Length == 0 || request.Protocols.Count == 0)
        {
            return false;
        }
        // the request replaces what the member itself offered before
        var self = request.MemberId.Length > 0 ? request.MemberId
            : request.InstanceId is { } instance && _idByInstance.TryGetValue(instance, out var old) ? old : "";
        var others = _members.Values.Where(m => m.Id != self).ToList();
        return others.Count == 0
            || (request.ProtocolType == _protocolType && request.Protocols.Any(p => others.All(m => m.Protocols.Any(q => q.Name == p.Name))));
    }

    /// <summary>Of the assignors all members know, the one most members put first.</summary>
    private string? SelectProtocol()
    {
        var common = _members.Values
            .Select(m => m.Protocols.Select(p => p.Name))
            .Aggregate((left, right) => left.Intersect(right)).ToHashSet();
        return _members.Values
            .Select(m => m.Protocols.FirstOrDefault(p => common.Contains(p.Name))?.Name)
            .Where(name => name is not null)
            .GroupBy(name => name)
            .OrderByDescending(votes => votes.Count())
            .FirstOrDefault()?.Key;
    }
}
