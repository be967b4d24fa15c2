using StreamPlatform.Broker.Wire;

namespace StreamPlatform.Broker.Groups;

/// <summary>What a JoinGroup request asks, whatever its version.</summary>
internal sealed record JoinRequest(
    string GroupId, string MemberId, string? InstanceId, string ClientId, string ClientHost, int SessionTimeoutMs, int RebalanceTimeoutMs,
    string ProtocolType, IReadOnlyList<GroupProtocol> Protocols, bool NeedsKnownMemberId, bool CanSkipAssignment);

/// <summary>A member as the leader sees it.</summary>
internal sealed record JoinedMember(string Id, string? InstanceId, byte[] Metadata);

internal sealed record JoinResult(
    ErrorCode Error, string MemberId, int Generation = -1, string? ProtocolType = null, string? ProtocolName = null, string Leader = "",
    bool SkipAssignment = false, IReadOnlyList<JoinedMember>? Members = null);

internal sealed record SyncRequest(
    string GroupId, string MemberId, string? InstanceId, int Generation, string? ProtocolType, string? ProtocolName,
    IReadOnlyDictionary<string, byte[]> Assignments);

internal sealed record SyncResult(ErrorCode Error, byte[] Assignment, string? ProtocolType = null, string? ProtocolName = null);

/// <summary>Who speaks, for fencing: generation -1 with no member means "not a member".</summary>
internal readonly record struct MemberIdentity(string MemberId, string? InstanceId, int Generation)
{
    public bool IsNobody => Generation < 0 && MemberId.Length == 0 && InstanceId is null;
}

internal sealed record MemberDescription(string Id, string? InstanceId, string ClientId, string ClientHost, byte[] Metadata, byte[] Assignment);

internal sealed record GroupDescription(string GroupId, string State, string ProtocolType, string Protocol, IReadOnlyList<MemberDescription> Members);
