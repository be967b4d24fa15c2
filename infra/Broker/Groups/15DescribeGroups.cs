using StreamPlatform.Broker.Requests;
using StreamPlatform.Broker.Wire;

namespace StreamPlatform.Broker.Groups;

/// <summary>DescribeGroups 0-5. 3: authorised operations (not known here: int32 minimum). 4: group.instance.id. 5: flexible. An unknown group is "Dead".</summary>
internal sealed class DescribeGroupsHandler(GroupCoordinator groups) : IRequestHandler
{
    public ApiKey Key => ApiKey.DescribeGroups;

    public ValueTask HandleAsync(RequestContext context, ReadOnlyMemory<byte> body, KafkaWriter response, CancellationToken cancel)
    {
        var reader = context.Reader(body);
        var names = reader.ReadStringArray();
        if (context.Version >= 1)
        {
            response.WriteInt32(0);
        }
        response.WriteArrayLength(names.Length);
        foreach (var name in names)
        {
            Write(context, response, groups.Find(name)?.Describe() ?? new GroupDescription(name, nameof(GroupState.Dead), "", "", []));
        }
        response.WriteEmptyTaggedFields();
        return ValueTask.CompletedTask;
    }

    private static void Write(RequestContext context, KafkaWriter response, GroupDescription group)
    {
        response.WriteError(group.GroupId.Length == 0 ? ErrorCode.InvalidGroupId : ErrorCode.None);
        response.WriteString(group.GroupId);
        response.WriteString(group.State);
        response.WriteString(group.ProtocolType);
        response.WriteString(group.Protocol);
        response.WriteArrayLength(group.Members.Count);
        foreach (var member in group.Members)
        {
            response.WriteString(member.Id);
            if (context.Version >= 4)
            {
                response.WriteNullableString(member.InstanceId);
            }
            response.WriteString(member.ClientId);
            response.WriteString(member.ClientHost);
            response.WriteBytes(member.Metadata);
            response.WriteBytes(member.Assignment);
            response.WriteEmptyTaggedFields();
        }
        if (context.Version >= 3)
        {
            response.WriteInt32(int.MinValue);
        }
        response.WriteEmptyTaggedFields();
    }
}
