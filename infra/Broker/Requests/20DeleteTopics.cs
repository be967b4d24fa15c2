using StreamPlatform.Broker.Storage;
using StreamPlatform.Broker.Wire;

namespace StreamPlatform.Broker.Requests;

/// <summary>DeleteTopics 1-6, by name or (v6) by id. Deviations: internal topics are not deletable; the timeout is ignored (the files are gone when answered).</summary>
internal sealed class DeleteTopicsHandler(LogManager logs) : IRequestHandler
{
    public ApiKey Key => ApiKey.DeleteTopics;

    public ValueTask HandleAsync(RequestContext context, ReadOnlyMemory<byte> body, KafkaWriter response, CancellationToken cancel)
    {
        var version = context.Version;
        var reader = context.Reader(body);
        var wanted = new List<(string? Name, Guid Id)>();
        for (var count = reader.ReadArrayLength(); count > 0; count--)
        {
            if (version >= 6)
            {
                wanted.Add((reader.ReadNullableString(), reader.ReadUuid()));
                reader.SkipTaggedFields();
            }
            else
            {
                wanted.Add((reader.ReadString(), Guid.Empty));
            }
        }
        reader.ReadInt32();
        reader.SkipTaggedFields();
        response.WriteInt32(0);
        response.WriteArrayLength(wanted.Count);
        foreach (var (name, id) in wanted)
        {
            var topic = name is not null ? logs.Find(name) : logs.Find(id);
            var (error, message) = Delete(topic, byId: name is null);
            response.WriteNullableString(topic?.Name ?? name);
            if (version >= 6)
            {
                response.WriteUuid(topic?.Id ?? id);
            }
            response.WriteError(error);
            if (version >= 5)
            {
                response.WriteNullableString(message);
            }
            response.WriteEmptyTaggedFields();
        }
        response.WriteEmptyTaggedFields();
        return ValueTask.CompletedTask;
    }

    private (ErrorCode Error, string? Message) Delete(Topic? topic, bool byId)
    {
        if (topic is null)
        {
            return byId
                ? (ErrorCode.UnknownTopicId, "This server does not host this topic ID.")
                : (ErrorCode.UnknownTopicOrPartition, "This server does not host this topic-partition.");
        }
        return topic.IsInternal ? (ErrorCode.InvalidRequest, $"Topic {topic.Name} is internal.") : logs.Delete(topic.Name);
    }
}
