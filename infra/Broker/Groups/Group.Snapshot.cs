namespace StreamPlatform.Broker.Groups;

/// <summary>A group as it is kept in __consumer_offsets (GroupMetadataValue).</summary>
internal sealed record GroupSnapshot(
    string GroupId, string ProtocolType, int Generation, string? Protocol, string? Leader, long StateSinceUnixMs, IReadOnlyList<MemberSnapshot> Members);

internal sealed record MemberSnapshot(
    string Id, string? InstanceId, string ClientId, string ClientHost, int RebalanceTimeoutMs, int SessionTimeoutMs, byte[] Subscription, byte[] Assignment);

/// <summary>Keeps groups and offsets. <see cref="SaveGroup"/> is called under the group's lock and does not wait.</summary>
internal interface IGroupLog
{
    void SaveGroup(GroupSnapshot snapshot);
}

internal sealed partial class Group
{
    /// <summary>Takes over what the log says; the members' sessions start anew.</summary>
    public void Restore(GroupSnapshot snapshot)
    {
        lock (_gate)
        {
            _members.Clear();
            _idByInstance.Clear();
            _protocolType = snapshot.ProtocolType;
            _generation = snapshot.Generation;
            _protocolName = snapshot.Protocol;
            foreach (var saved in snapshot.Members)
            {
                Add(new GroupMember(saved.Id, saved.InstanceId)
                {
                    ClientId = saved.ClientId,
                    ClientHost = saved.ClientHost,
                    RebalanceTimeoutMs = saved.RebalanceTimeoutMs,
                    SessionTimeoutMs = saved.SessionTimeoutMs,
                    Protocols = [new GroupProtocol(snapshot.Protocol ?? "", saved.Subscription)],
                    Assignment = saved.Assignment,
                    Synced = true,
                });
            }
            _leader = snapshot.Leader;
            SetState(_members.Count == 0 ? GroupState.Empty : GroupState.Stable);
            _stateSinceUnixMs = snapshot.StateSinceUnixMs;
        }
    }

    /// <summary>After everything is loaded: sessions run.</summary>
    public void StartSessions()
    {
        lock (_gate)
        {
            foreach (var member in _members.Values)
            {
                Touch(member);
            }
            Arm();
        }
    }

    private GroupSnapshot Snapshot() => new(
        Id, _protocolType ?? "", _generation, _protocolName, _leader, _stateSinceUnixMs,
        [.. _members.Values.Select(m => new MemberSnapshot(
            m.Id, m.InstanceId, m.ClientId, m.ClientHost, m.RebalanceTimeoutMs, m.SessionTimeoutMs, m.MetadataFor(_protocolName), m.Assignment))]);
}
