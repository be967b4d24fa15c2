using StreamPlatform.Broker.Wire;

namespace StreamPlatform.Broker.Groups;

internal sealed partial class Group
{
    /// <summary>Gives a member its assignment; the leader brings those of all. Completes once the leader has come.</summary>
    public Task<SyncResult> Sync(SyncRequest request)
    {
        lock (_gate)
        {
            var error = Identify(request.MemberId, request.InstanceId, out var member);
            error = error != ErrorCode.None ? error
                : request.Generation != _generation ? ErrorCode.IllegalGeneration
                : request.ProtocolType is { } type && type != _protocolType ? ErrorCode.InconsistentGroupProtocol
                : request.ProtocolName is { } name && name != _protocolName ? ErrorCode.InconsistentGroupProtocol
                : _state == GroupState.PreparingRebalance ? ErrorCode.RebalanceInProgress
                : _state == GroupState.Empty ? ErrorCode.UnknownMemberId
                : ErrorCode.None;
            if (error != ErrorCode.None)
            {
                return Task.FromResult(new SyncResult(error, []));
            }
            Touch(member!);
            if (_state == GroupState.Stable)
            {
                return Task.FromResult(Assigned(member!));
            }
            var waiter = new TaskCompletionSource<SyncResult>(TaskCreationOptions.RunContinuationsAsynchronously);
            member!.SyncWaiter?.TrySetResult(new SyncResult(ErrorCode.RebalanceInProgress, []));
            member.SyncWaiter = waiter;
            member.Synced = true;
            if (member.Id == _leader)
            {
                Distribute(request.Assignments);
            }
            Arm();
            return waiter.Task;
        }
    }

    /// <summary>The client of a waiting sync went away: its session runs again.</summary>
    public void AbandonSync(string memberId)
    {
        lock (_gate)
        {
            if (_members.TryGetValue(memberId, out var member) && member.SyncWaiter is not null)
            {
                member.SyncWaiter = null;
                Touch(member);
                Arm();
            }
        }
    }

    public ErrorCode Heartbeat(MemberIdentity who)
    {
        lock (_gate)
        {
            var error = Identify(who.MemberId, who.InstanceId, out var member);
            if (error != ErrorCode.None)
            {
                return error == ErrorCode.CoordinatorNotAvailable ? ErrorCode.UnknownMemberId : error;
            }
            if (who.Generation != _generation)
            {
                return ErrorCode.IllegalGeneration;
            }
            Touch(member!);
            return _state == GroupState.PreparingRebalance ? ErrorCode.RebalanceInProgress : ErrorCode.None;
        }
    }

    /// <summary>Removes a member; a static one may be named by its instance id alone.</summary>
    public ErrorCode Leave(string memberId, string? instanceId)
    {
        lock (_gate)
        {
            if (instanceId is null && _pendingMembers.Remove(memberId))
            {
                TryCompleteJoin();
                Arm();
                return ErrorCode.None;
            }
            if (instanceId is not null && memberId.Length == 0 && _idByInstance.TryGetValue(instanceId, out var id))
            {
                memberId = id;
            }
            var error = Identify(memberId, instanceId, out var member);
            if (member is null)
            {
                return error == ErrorCode.CoordinatorNotAvailable ? ErrorCode.UnknownMemberId : error;
            }
            Remove(member, ErrorCode.UnknownMemberId);
            AfterRemoval();
            Arm();
            return ErrorCode.None;
        }
    }

    private void Distribute(IReadOnlyDictionary<string, byte[]> assignments)
    {
        foreach (var member in _members.Values)
        {
            member.Assignment = assignments.TryGetValue(member.Id, out var assignment) ? assignment : [];
        }
        SetState(GroupState.Stable);
        // written behind: should the broker die first, the members find an older generation and join again
        _log.SaveGroup(Snapshot());
        foreach (var member in _members.Values.Where(m => m.SyncWaiter is not null))
        {
            member.SyncWaiter!.TrySetResult(Assigned(member));
            member.SyncWaiter = null;
            Touch(member);
        }
    }

    private SyncResult Assigned(GroupMember member) => new(ErrorCode.None, member.Assignment, _protocolType, _protocolName);
}
