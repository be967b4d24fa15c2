using StreamPlatform.Broker.Requests;
using StreamPlatform.Broker.Wire;

namespace StreamPlatform.Broker.Groups;

/// <summary>Heartbeat 0-4. 3: group.instance.id. 4: flexible.</summary>
internal sealed class HeartbeatHandler(GroupCoordinator groups) : IRequestHandler
{
    public ApiKey Key => ApiKey.Heartbeat;

    public ValueTask HandleAsync(RequestContext context, ReadOnlyMemory<byte> body, KafkaWriter response, CancellationToken cancel)
    {
        var reader = context.Reader(body);
        var groupId = reader.ReadString();
        var generation = reader.ReadInt32();
        var memberId = reader.ReadString();
        var instanceId = context.Version >= 3 ? reader.ReadNullableString() : null;
        var error = groupId.Length == 0 ? ErrorCode.InvalidGroupId
            : groups.Find(groupId) is { } group ? group.Heartbeat(new MemberIdentity(memberId, instanceId, generation))
            : ErrorCode.UnknownMemberId;
        if (context.Version >= 1)
        {
            response.WriteInt32(0);
        }
        response.WriteError(error);
        response.WriteEmptyTaggedFields();
        return ValueTask.CompletedTask;
    }
}
