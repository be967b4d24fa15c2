using StreamPlatform.Broker.Wire;

namespace StreamPlatform.Broker.Groups;

/// <summary>
/// One consumer group with the classic protocol (Kafka's GroupMetadataManager.classicGroupJoin and following). One lock owns everything in it;
/// answers that have to wait are task sources completed under the lock, continued elsewhere. Split by what a member asks for.
/// </summary>
internal sealed partial class Group : IDisposable
{
    private readonly Lock _gate = new();
    private readonly TimeProvider _time;
    private readonly GroupOptions _options;
    private readonly IGroupLog _log;
    private readonly ITimer _timer;
    private readonly Dictionary<string, GroupMember> _members = [];
    private readonly Dictionary<string, string> _idByInstance = [];
    /// <summary>Ids handed out by MEMBER_ID_REQUIRED, with the monotonic time until which they are waited for.</summary>
    private readonly Dictionary<string, long> _pendingMembers = [];
    private GroupState _state = GroupState.Empty;
    private string? _protocolType;
    private string? _protocolName;
    private string? _leader;
    private int _generation;
    private long _stateSinceUnixMs;
    /// <summary>Until when the members are waited for to join (PreparingRebalance) or to sync (CompletingRebalance).</summary>
    private long _phaseDeadlineMs = long.MaxValue;
    private long _armedForMs = long.MaxValue;

    public Group(string id, TimeProvider time, GroupOptions options, IGroupLog log)
    {
        Id = id;
        _time = time;
        _options = options;
        _log = log;
        _stateSinceUnixMs = time.UnixMs();
        _timer = time.CreateTimer(_ => OnTimer(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public string Id { get; }

    public GroupDescription Describe()
    {
        lock (_gate)
        {
            var stable = _state == GroupState.Stable;
            return new GroupDescription(
                Id, _state.ToString(), _protocolType ?? "", stable ? _protocolName ?? "" : "",
                [.. _members.Values.Select(m => new MemberDescription(
                    m.Id, m.InstanceId, m.ClientId, m.ClientHost, stable ? m.MetadataFor(_protocolName) : [], stable ? m.Assignment : []))]);
        }
    }

    public (GroupState State, string ProtocolType) Summary()
    {
        lock (_gate)
        {
            return (_state, _protocolType ?? "");
        }
    }

    public void Dispose() => _timer.Dispose();

    private void SetState(GroupState state)
    {
        _state = state;
        _stateSinceUnixMs = _time.UnixMs();
        _phaseDeadlineMs = long.MaxValue;
    }

    /// <summary>The member behind an identity, or why it may not speak.</summary>
    private ErrorCode Identify(string memberId, string? instanceId, out GroupMember? member)
    {
        member = null;
        if (_state == GroupState.Dead)
        {
            return ErrorCode.CoordinatorNotAvailable;
        }
        if (instanceId is not null)
        {
            if (!_idByInstance.TryGetValue(instanceId, out var current))
            {
                return ErrorCode.UnknownMemberId;
            }
            if (current != memberId)
            {
                return ErrorCode.FencedInstanceId;
            }
        }
        return _members.TryGetValue(memberId, out member) ? ErrorCode.None : ErrorCode.UnknownMemberId;
    }

    private void Touch(GroupMember member) => member.DeadlineMs = _time.MonotonicMs() + member.SessionTimeoutMs;

    private void Add(GroupMember member)
    {
        _members[member.Id] = member;
        if (member.InstanceId is { } instance)
        {
            _idByInstance[instance] = member.Id;
        }
        _pendingMembers.Remove(member.Id);
        _leader ??= member.Id;
    }

    private void Remove(GroupMember member, ErrorCode because)
    {
        _members.Remove(member.Id);
        if (member.InstanceId is { } instance && _idByInstance.TryGetValue(instance, out var current) && current == member.Id)
        {
            _idByInstance.Remove(instance);
        }
        member.JoinWaiter?.TrySetResult(new JoinResult(because, member.Id));
        member.SyncWaiter?.TrySetResult(new SyncResult(because, []));
        member.JoinWaiter = null;
        member.SyncWaiter = null;
        if (_leader == member.Id)
        {
            _leader = _members.Values.FirstOrDefault(m => m.JoinWaiter is not null)?.Id ?? _members.Keys.FirstOrDefault();
        }
    }

    /// <summary>After a member went away.</summary>
    private void AfterRemoval()
    {
        if (_state is GroupState.Stable or GroupState.CompletingRebalance)
        {
            PrepareRebalance();
        }
        else if (_state == GroupState.PreparingRebalance)
        {
            TryCompleteJoin();
        }
    }
}
