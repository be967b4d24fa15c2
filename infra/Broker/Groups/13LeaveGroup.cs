using StreamPlatform.Broker.Requests;
using StreamPlatform.Broker.Wire;

namespace StreamPlatform.Broker.Groups;

/// <summary>LeaveGroup 0-5. 0-2: one member, its error at the top. 3: several members, by member or instance id. 4: flexible. 5: reason (ignored).</summary>
internal sealed class LeaveGroupHandler(GroupCoordinator groups) : IRequestHandler
{
    public ApiKey Key => ApiKey.LeaveGroup;

    public ValueTask HandleAsync(RequestContext context, ReadOnlyMemory<byte> body, KafkaWriter response, CancellationToken cancel)
    {
        var (groupId, members) = Parse(context, body);
        var group = groups.Find(groupId);
        var errors = members.ConvertAll(m => group is null ? ErrorCode.UnknownMemberId : group.Leave(m.MemberId, m.InstanceId));
        if (context.Version >= 1)
        {
            response.WriteInt32(0);
        }
        response.WriteError(groupId.Length == 0 ? ErrorCode.InvalidGroupId : context.Version <= 2 ? errors[0] : ErrorCode.None);
        if (context.Version >= 3)
        {
            response.WriteArrayLength(members.Count);
            for (var i = 0; i < members.Count; i++)
            {
                response.WriteString(members[i].MemberId);
                response.WriteNullableString(members[i].InstanceId);
                response.WriteError(errors[i]);
                response.WriteEmptyTaggedFields();
            }
        }
        response.WriteEmptyTaggedFields();
        return ValueTask.CompletedTask;
    }

    private static (string GroupId, List<(string MemberId, string? InstanceId)> Members) Parse(RequestContext context, ReadOnlyMemory<byte> body)
    {
        var reader = context.Reader(body);
        var groupId = reader.ReadString();
        if (context.Version <= 2)
        {
            return (groupId, [(reader.ReadString(), null)]);
        }
        var members = new List<(string MemberId, string? InstanceId)>();
        for (var count = reader.ReadArrayLength(); count > 0; count--)
        {
            members.Add((reader.ReadString(), reader.ReadNullableString()));
            if (context.Version >= 5)
            {
                reader.ReadNullableString();
            }
            reader.SkipTaggedFields();
        }
        return (groupId, members);
    }
}
