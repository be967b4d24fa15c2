using StreamPlatform.Broker.Storage;
using StreamPlatform.Broker.Wire;

namespace StreamPlatform.Broker.Requests;

/// <summary>
/// CreateTopics 2-7.
/// Deviations: replication factor and assignments may only name this one node; the timeout is ignored (creation is done when answered).
/// </summary>
internal sealed class CreateTopicsHandler(BrokerServices services, LogManager logs) : IRequestHandler
{
    public ApiKey Key => ApiKey.CreateTopics;

    private sealed record Wanted(string Name, int Partitions, short ReplicationFactor, List<(int Partition, int[] Nodes)> Assignments, List<(string Name, string? Value)> Configs);

    private readonly record struct Outcome(ErrorCode Error, string? Message, Guid Id, int Partitions, IReadOnlyDictionary<string, string>? Configs);

    public ValueTask HandleAsync(RequestContext context, ReadOnlyMemory<byte> body, KafkaWriter response, CancellationToken cancel)
    {
        var reader = context.Reader(body);
        var wanted = new List<Wanted>();
        for (var count = reader.ReadArrayLength(); count > 0; count--)
        {
            wanted.Add(ParseTopic(ref reader));
        }
        reader.ReadInt32();
        var validateOnly = reader.ReadBool();
        reader.SkipTaggedFields();
        var duplicates = wanted.GroupBy(topic => topic.Name, StringComparer.Ordinal).Where(group => group.Count() > 1).Select(group => group.Key).ToHashSet(StringComparer.Ordinal);
        response.WriteInt32(0);
        var distinct = wanted.DistinctBy(topic => topic.Name).ToList();
        response.WriteArrayLength(distinct.Count);
        foreach (var topic in distinct)
        {
            var outcome = duplicates.Contains(topic.Name)
                ? Fail(ErrorCode.InvalidRequest, "Duplicate topic name.")
                : Create(topic, validateOnly);
            Write(context.Version, topic.Name, outcome, response);
        }
        response.WriteEmptyTaggedFields();
        return ValueTask.CompletedTask;
    }

    private static Wanted ParseTopic(ref KafkaReader reader)
    {
        var name = reader.ReadString();
        var partitions = reader.ReadInt32();
        var replicationFactor = reader.ReadInt16();
        var assignments = new List<(int, int[])>();
        for (var count = reader.ReadArrayLength(); count > 0; count--)
        {
            assignments.Add((reader.ReadInt32(), reader.ReadInt32Array()));
            reader.SkipTaggedFields();
        }
        var configs = new List<(string, string?)>();
        for (var count = reader.ReadArrayLength(); count > 0; count--)
        {
            configs.Add((reader.ReadString(), reader.ReadNullableString()));
            reader.SkipTaggedFields();
        }
        reader.SkipTaggedFields();
        return new Wanted(name, partitions, replicationFactor, assignments, configs);
    }

    private Outcome Create(Wanted wanted, bool validateOnly)
    {
        if (Topic.CheckName(wanted.Name) is { } badName)
        {
            return Fail(ErrorCode.InvalidTopicException, badName);
        }
        if (logs.Find(wanted.Name) is not null)
        {
            return Fail(ErrorCode.TopicAlreadyExists, $"Topic '{wanted.Name}' already exists.");
        }
        var (error, message, partitions) = CheckPartitions(wanted);
        if (error != ErrorCode.None)
        {
            return Fail(error, message);
        }
        var configs = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, value) in wanted.Configs)
        {
            if (TopicConfig.Check(name, value) is { } badConfig)
            {
                return Fail(ErrorCode.InvalidConfig, badConfig);
            }
            configs[name] = value!;
        }
        if (validateOnly)
        {
            return new Outcome(ErrorCode.None, null, Guid.Empty, partitions, configs);
        }
        var (failed, created, reason) = logs.Create(wanted.Name, partitions, configs);
        return failed == ErrorCode.None ? new Outcome(ErrorCode.None, null, created!.Id, partitions, configs) : Fail(failed, reason);
    }

    private (ErrorCode Error, string? Message, int Partitions) CheckPartitions(Wanted wanted)
    {
        if (wanted.Assignments.Count == 0)
        {
            return wanted.Partitions is 0 or < -1 ? (ErrorCode.InvalidPartitions, "Number of partitions must be larger than 0.", 0)
                : wanted.ReplicationFactor is not (1 or -1) ? (ErrorCode.InvalidReplicationFactor, $"Replication factor: {wanted.ReplicationFactor} larger than available brokers: 1.", 0)
                : (ErrorCode.None, null, wanted.Partitions < 0 ? services.Options.DefaultPartitions : wanted.Partitions);
        }
        if (wanted.Partitions != -1 || wanted.ReplicationFactor != -1)
        {
            return (ErrorCode.InvalidRequest, "Both numPartitions or replicationFactor and replicasAssignments were set.", 0);
        }
        var complete = wanted.Assignments.Select(assignment => assignment.Partition).Order().SequenceEqual(Enumerable.Range(0, wanted.Assignments.Count));
        return complete && wanted.Assignments.All(assignment => assignment.Nodes is [var node] && node == services.Address.NodeId)
            ? (ErrorCode.None, null, wanted.Assignments.Count)
            : (ErrorCode.InvalidReplicaAssignment, $"Assignments must name partitions 0 to n-1, each on broker {services.Address.NodeId} alone.", 0);
    }

    private static Outcome Fail(ErrorCode error, string? message) => new(error, message, Guid.Empty, -1, null);

    private static void Write(short version, string name, Outcome outcome, KafkaWriter response)
    {
        response.WriteString(name);
        if (version >= 7)
        {
            response.WriteUuid(outcome.Id);
        }
        response.WriteError(outcome.Error);
        response.WriteNullableString(outcome.Message);
        if (version >= 5)
        {
            response.WriteInt32(outcome.Partitions);
            response.WriteInt16(outcome.Configs is null ? (short)-1 : (short)1);
            WriteConfigs(outcome.Configs, response);
        }
        response.WriteEmptyTaggedFields();
    }

    private static void WriteConfigs(IReadOnlyDictionary<string, string>? configs, KafkaWriter response)
    {
        if (configs is null)
        {
            response.WriteNullArray();
            return;
        }
        response.WriteArrayLength(TopicConfig.All.Count);
        foreach (var key in TopicConfig.All)
        {
            var set = configs.TryGetValue(key.Name, out var value);
            response.WriteString(key.Name);
            response.WriteNullableString(set ? value : key.Default);
            response.WriteBool(false);
            response.WriteInt8((sbyte)(set ? ConfigSource.Topic : ConfigSource.Default));
            response.WriteBool(false);
            response.WriteEmptyTaggedFields();
        }
    }
}
