using StreamPlatform.Broker.Requests;
using StreamPlatform.Broker.Wire;

namespace StreamPlatform.Broker.Groups;

/// <summary>OffsetDelete 0. GROUP_SUBSCRIBED_TO_TOPIC for topics a member is subscribed to.</summary>
internal sealed class OffsetDeleteHandler(GroupCoordinator groups) : IRequestHandler
{
    public ApiKey Key => ApiKey.OffsetDelete;

    public async ValueTask HandleAsync(RequestContext context, ReadOnlyMemory<byte> body, KafkaWriter response, CancellationToken cancel)
    {
        var (groupId, topics) = Parse(context, body);
        var group = groups.Find(groupId);
        var error = groupId.Length == 0 ? ErrorCode.InvalidGroupId : group is null ? ErrorCode.GroupIdNotFound : ErrorCode.None;
        var subscribed = topics.Where(t => group?.IsSubscribed(t.Topic) == true).Select(t => t.Topic).ToHashSet();
        if (error == ErrorCode.None)
        {
            var removable = topics.Where(t => !subscribed.Contains(t.Topic)).SelectMany(t => t.Partitions.Select(p => new PartitionKey(t.Topic, p))).ToList();
            error = removable.Count == 0 ? ErrorCode.None : await groups.RemoveOffsetsAsync(group!, removable).ConfigureAwait(false);
        }
        response.WriteError(error);
        response.WriteInt32(0);
        response.WriteArrayLength(error == ErrorCode.None ? topics.Count : 0);
        foreach (var (topic, partitions) in error == ErrorCode.None ? topics : [])
        {
            response.WriteString(topic);
            response.WriteArrayLength(partitions.Length);
            foreach (var partition in partitions)
            {
                response.WriteInt32(partition);
                response.WriteError(subscribed.Contains(topic) ? ErrorCode.GroupSubscribedToTopic : ErrorCode.None);
            }
        }
    }

    private static (string GroupId, List<(string Topic, int[] Partitions)> Topics) Parse(RequestContext context, ReadOnlyMemory<byte> body)
    {
        var reader = context.Reader(body);
        var groupId = reader.ReadString();
        var topics = new List<(string Topic, int[] Partitions)>();
        for (var count = reader.ReadArrayLength(); count > 0; count--)
        {
            topics.Add((reader.ReadString(), reader.ReadInt32Array()));
        }
        return (groupId, topics);
    }
}
