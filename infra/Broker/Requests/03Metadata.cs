using StreamPlatform.Broker.Storage;
using StreamPlatform.Broker.Wire;

namespace StreamPlatform.Broker.Requests;

/// <summary>
/// Metadata 0-12, with topic ids from v10.
/// Deviations: topics are created on demand only if the broker's AutoCreateTopics is on (with its DefaultPartitions); authorized operations are all
/// of them where asked for (no ACLs).
/// </summary>
internal sealed class MetadataHandler(BrokerServices services, LogManager logs) : IRequestHandler
{
    private static readonly int[] NoNodes = [];

    public ApiKey Key => ApiKey.Metadata;

    private readonly record struct Answer(ErrorCode Error, string? Name, Guid Id, Topic? Topic);

    public ValueTask HandleAsync(RequestContext context, ReadOnlyMemory<byte> body, KafkaWriter response, CancellationToken cancel)
    {
        var version = context.Version;
        var reader = context.Reader(body);
        var wanted = ParseTopics(ref reader, version);
        var mayCreate = version < 4 || reader.ReadBool();
        var withClusterOperations = version is >= 8 and <= 10 && reader.ReadBool();
        var withTopicOperations = version >= 8 && reader.ReadBool();
        reader.SkipTaggedFields();
        IEnumerable<Answer> answers = wanted is null
            ? logs.Topics.Select(topic => new Answer(ErrorCode.None, topic.Name, topic.Id, (Topic)topic))
            : wanted.Select(topic => Find(topic.Name, topic.Id, mayCreate));
        if (version >= 3)
        {
            response.WriteInt32(0);
        }
        WriteBrokers(version, response);
        var topics = answers.ToList();
        response.WriteArrayLength(topics.Count);
        foreach (var topic in topics)
        {
            WriteTopic(version, topic, withTopicOperations, response);
        }
        if (version is >= 8 and <= 10)
        {
            response.WriteInt32(withClusterOperations ? Operations.Cluster : int.MinValue);
        }
        response.WriteEmptyTaggedFields();
        return ValueTask.CompletedTask;
    }

    // Null: all topics.
    private static List<(string? Name, Guid Id)>? ParseTopics(ref KafkaReader reader, short version)
    {
        var count = reader.ReadNullableArrayLength();
        if (count < 0 || (count == 0 && version == 0))
        {
            return null;
        }
        var topics = new List<(string?, Guid)>(count);
        for (; count > 0; count--)
        {
            var id = version >= 10 ? reader.ReadUuid() : Guid.Empty;
            topics.Add((version >= 10 ? reader.ReadNullableString() : reader.ReadString(), id));
            reader.SkipTaggedFields();
        }
        return topics;
    }

    private Answer Find(string? name, Guid id, bool mayCreate)
    {
        if (name is null)
        {
            return logs.Find(id) is { } known ? new Answer(ErrorCode.None, known.Name, id, known) : new Answer(ErrorCode.UnknownTopicId, null, id, null);
        }
        if (logs.Find(name) is { } topic)
        {
            return new Answer(ErrorCode.None, name, topic.Id, topic);
        }
        if (Topic.CheckName(name) is not null)
        {
            return new Answer(ErrorCode.InvalidTopicException, name, Guid.Empty, null);
        }
        if (!mayCreate || !services.Options.AutoCreateTopics)
        {
            return new Answer(ErrorCode.UnknownTopicOrPartition, name, Guid.Empty, null);
        }
        var (error, created, _) = logs.Create(name, services.Options.DefaultPartitions, new Dictionary<string, string>());
        return created is null ? new Answer(error, name, Guid.Empty, null) : new Answer(ErrorCode.None, name, created.Id, created);
    }

    private void WriteBrokers(short version, KafkaWriter response)
    {
        var address = services.Address;
        response.WriteArrayLength(1);
        response.WriteInt32(address.NodeId);
        response.WriteString(address.Host);
        response.WriteInt32(address.Port);
        if (version >= 1)
        {
            response.WriteNullableString(null);
        }
        response.WriteEmptyTaggedFields();
        if (version >= 2)
        {
            response.WriteNullableString(logs.ClusterId);
        }
        if (version >= 1)
        {
            response.WriteInt32(address.NodeId);
        }
    }

    private void WriteTopic(short version, Answer answer, bool withOperations, KafkaWriter response)
    {
        response.WriteError(answer.Error);
        response.WriteNullableString(version >= 12 ? answer.Name : answer.Name ?? "");
        if (version >= 10)
        {
            response.WriteUuid(answer.Id);
        }
        if (version >= 1)
        {
            response.WriteBool(answer.Topic?.IsInternal ?? false);
        }
        var partitions = answer.Topic?.Logs ?? [];
        response.WriteArrayLength(partitions.Length);
        foreach (var log in partitions)
        {
            WritePartition(version, log, response);
        }
        if (version >= 8)
        {
            response.WriteInt32(withOperations ? Operations.Topic : int.MinValue);
        }
        response.WriteEmptyTaggedFields();
    }

    private void WritePartition(short version, PartitionLog log, KafkaWriter response)
    {
        ReadOnlySpan<int> nodes = [services.Address.NodeId];
        response.WriteError(ErrorCode.None);
        response.WriteInt32(log.Partition);
        response.WriteInt32(services.Address.NodeId);
        if (version >= 7)
        {
            response.WriteInt32(log.LeaderEpoch);
        }
        response.WriteInt32Array(nodes);
        response.WriteInt32Array(nodes);
        if (version >= 5)
        {
            response.WriteInt32Array(NoNodes);
        }
        response.WriteEmptyTaggedFields();
    }
}
