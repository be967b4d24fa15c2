namespace StreamPlatform.Broker.Groups;

/// <summary>The states of a classic group, as Kafka names them in DescribeGroups.</summary>
internal enum GroupState
{
    /// <summary>No members; offsets may remain.</summary>
    Empty,
    /// <summary>Waiting for all members to join.</summary>
    PreparingRebalance,
    /// <summary>Waiting for the leader's assignment.</summary>
    CompletingRebalance,
    Stable,
    /// <summary>Removed; whoever still holds the object starts over.</summary>
    Dead,
}
