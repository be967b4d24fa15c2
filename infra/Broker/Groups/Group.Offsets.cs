using StreamPlatform.Broker.Storage;
using StreamPlatform.Broker.Wire;

namespace StreamPlatform.Broker.Groups;

/// <summary>A committed offset; <paramref name="LogOffset"/> is where it stands in __consumer_offsets, so that the later of two commits wins.</summary>
internal sealed record CommittedOffset(long Offset, int LeaderEpoch, string Metadata, long CommitUnixMs, long LogOffset);

internal sealed partial class Group
{
    private readonly Dictionary<PartitionKey, CommittedOffset> _offsets = [];
    /// <summary>Offsets of open transactions by producer id.</summary>
    private readonly Dictionary<long, Dictionary<PartitionKey, CommittedOffset>> _pendingOffsets = [];

    /// <summary>May this identity commit offsets now? (ClassicGroup.validateOffsetCommit)</summary>
    public ErrorCode CheckCommit(MemberIdentity who, bool transactional)
    {
        lock (_gate)
        {
            if (_state == GroupState.Dead)
            {
                return ErrorCode.CoordinatorNotAvailable;
            }
            if (who.Generation < 0 && _state == GroupState.Empty)
            {
                return ErrorCode.None;
            }
            if (who.IsNobody)
            {
                return transactional || _state == GroupState.Empty ? ErrorCode.None : ErrorCode.UnknownMemberId;
            }
            var error = Identify(who.MemberId, who.InstanceId, out var member);
            if (error != ErrorCode.None)
            {
                return error;
            }
            if (who.Generation != _generation)
            {
                return ErrorCode.IllegalGeneration;
            }
            if (!transactional && _state == GroupState.CompletingRebalance)
            {
                return ErrorCode.RebalanceInProgress;
            }
            Touch(member!);
            return ErrorCode.None;
        }
    }

    public void Apply(PartitionKey partition, CommittedOffset offset)
    {
        lock (_gate)
        {
            ApplyLocked(partition, offset);
        }
    }

    public void ApplyPending(long producerId, PartitionKey partition, CommittedOffset offset)
    {
        lock (_gate)
        {
            if (!_pendingOffsets.TryGetValue(producerId, out var pending))
            {
                _pendingOffsets[producerId] = pending = [];
            }
            pending[partition] = offset;
        }
    }

    /// <summary>Ends a producer's pending offsets: made visible, or dropped.</summary>
    public void EndPending(long producerId, bool commit)
    {
        lock (_gate)
        {
            if (_pendingOffsets.Remove(producerId, out var pending) && commit)
            {
                foreach (var (partition, offset) in pending)
                {
                    ApplyLocked(partition, offset);
                }
            }
        }
    }

    public void RemoveOffset(PartitionKey partition)
    {
        lock (_gate)
        {
            _offsets.Remove(partition);
        }
    }

    /// <summary>The committed offset, null if none; unstable if a transaction is about to change it.</summary>
    public (CommittedOffset? Offset, bool Unstable) FindOffset(PartitionKey partition)
    {
        lock (_gate)
        {
            return (_offsets.GetValueOrDefault(partition), _pendingOffsets.Values.Any(p => p.ContainsKey(partition)));
        }
    }

    public IReadOnlyList<PartitionKey> OffsetPartitions()
    {
        lock (_gate)
        {
            return [.. _offsets.Keys.Concat(_pendingOffsets.Values.SelectMany(p => p.Keys)).Distinct()];
        }
    }

    /// <summary>Is a member subscribed to the topic? (consumer protocol: version int16, topics [string]; unreadable metadata counts as subscribed)</summary>
    public bool IsSubscribed(string topic)
    {
        lock (_gate)
        {
            return _members.Values.Any(m => ConsumerSubscription.Names(m.MetadataFor(_protocolName ?? m.Protocols.FirstOrDefault()?.Name), topic));
        }
    }

    /// <summary>Offsets nobody has committed or consumed from for the retention time; only of a group without members.</summary>
    public IReadOnlyList<PartitionKey> Expired(long nowUnixMs)
    {
        lock (_gate)
        {
            return _state != GroupState.Empty
                ? []
                : [.. _offsets.Where(o => Math.Max(o.Value.CommitUnixMs, _stateSinceUnixMs) + _options.OffsetsRetentionMs <= nowUnixMs).Select(o => o.Key)];
        }
    }

    /// <summary>
    /// Marks the group dead if it has no members (and, unless asked otherwise, no offsets). The tombstones are appended under the lock, so that they
    /// come before anything a new group of the same name writes.
    /// </summary>
    public ErrorCode TryKill(bool evenWithOffsets, Func<IReadOnlyList<PartitionKey>, ValueTask<AppendResult>> bury, out ValueTask<AppendResult> burial)
    {
        burial = default;
        lock (_gate)
        {
            if (_state == GroupState.Dead)
            {
                return ErrorCode.GroupIdNotFound;
            }
            var inUse = _state != GroupState.Empty || _pendingMembers.Count > 0 || _pendingOffsets.Count > 0;
            if (inUse || (!evenWithOffsets && _offsets.Count > 0))
            {
                return ErrorCode.NonEmptyGroup;
            }
            burial = bury([.. _offsets.Keys]);
            SetState(GroupState.Dead);
            return ErrorCode.None;
        }
    }

    private void ApplyLocked(PartitionKey partition, CommittedOffset offset)
    {
        if (!_offsets.TryGetValue(partition, out var current) || current.LogOffset <= offset.LogOffset)
        {
            _offsets[partition] = offset;
        }
    }
}
