using System.Globalization;
using StreamPlatform.Broker.Storage;
using StreamPlatform.Broker.Wire;

namespace StreamPlatform.Broker.Requests;

/// <summary>DescribeConfigs 1-4 for topics and this broker. Deviations: of the broker only what clients are known to read; no documentation texts.</summary>
internal sealed class DescribeConfigsHandler(BrokerServices services, LogManager logs) : IRequestHandler
{
    public ApiKey Key => ApiKey.DescribeConfigs;

    private readonly record struct Value(string Name, string? Text, bool ReadOnly, ConfigSource Source, ConfigType Type);

    public ValueTask HandleAsync(RequestContext context, ReadOnlyMemory<byte> body, KafkaWriter response, CancellationToken cancel)
    {
        var version = context.Version;
        var reader = context.Reader(body);
        var resources = new List<(ConfigResource Type, string Name, string[]? Keys)>();
        for (var count = reader.ReadArrayLength(); count > 0; count--)
        {
            var type = (ConfigResource)reader.ReadInt8();
            var name = reader.ReadString();
            resources.Add((type, name, ParseKeys(ref reader)));
            reader.SkipTaggedFields();
        }
        var withSynonyms = reader.ReadBool();
        response.WriteInt32(0);
        response.WriteArrayLength(resources.Count);
        foreach (var (type, name, keys) in resources)
        {
            var (error, message, values) = Describe(type, name);
            var wanted = values.Where(value => keys is null || keys.Contains(value.Name)).ToList();
            response.WriteError(error);
            response.WriteNullableString(message);
            response.WriteInt8((sbyte)type);
            response.WriteString(name);
            response.WriteArrayLength(wanted.Count);
            foreach (var value in wanted)
            {
                Write(version, value, withSynonyms, response);
            }
            response.WriteEmptyTaggedFields();
        }
        response.WriteEmptyTaggedFields();
        return ValueTask.CompletedTask;
    }

    private static string[]? ParseKeys(ref KafkaReader reader)
    {
        var count = reader.ReadNullableArrayLength();
        if (count < 0)
        {
            return null;
        }
        var keys = new string[count];
        for (var i = 0; i < count; i++)
        {
            keys[i] = reader.ReadString();
        }
        return keys;
    }

    private (ErrorCode Error, string? Message, IEnumerable<Value> Values) Describe(ConfigResource type, string name)
    {
        switch (type)
        {
            case ConfigResource.Topic when logs.Find(name) is { } topic:
                return (ErrorCode.None, null, TopicConfig.All.Select(key => topic.Configs.TryGetValue(key.Name, out var text)
                    ? new Value(key.Name, text, false, ConfigSource.Topic, key.Type)
                    : new Value(key.Name, key.Default, false, ConfigSource.Default, key.Type)));
            case ConfigResource.Topic:
                return (ErrorCode.UnknownTopicOrPartition, $"Topic {name} does not exist.", []);
            case ConfigResource.Broker when name == services.Address.NodeId.ToString(CultureInfo.InvariantCulture) || name.Length == 0:
                return (ErrorCode.None, null, BrokerValues());
            default:
                return (ErrorCode.InvalidRequest, $"Unexpected resource {type} {name}: topics and broker {services.Address.NodeId} are described.", []);
        }
    }

    private IEnumerable<Value> BrokerValues()
    {
        var options = services.Options;
        yield return Fixed("broker.id", services.Address.NodeId, ConfigType.Int);
        yield return Fixed("auto.create.topics.enable", options.AutoCreateTopics ? "true" : "false", ConfigType.Boolean);
        yield return Fixed("num.partitions", options.DefaultPartitions, ConfigType.Int);
        yield return Fixed("default.replication.factor", 1, ConfigType.Int);
        yield return Fixed("message.max.bytes", TopicConfig.Find(TopicConfig.MaxMessageBytes)!.Default, ConfigType.Int);
        yield return Fixed("socket.request.max.bytes", options.MaxRequestBytes, ConfigType.Int);
        yield return Fixed("connections.max.idle.ms", options.IdleConnectionMs, ConfigType.Long);
        yield return Fixed("log.retention.check.interval.ms", options.RetentionCheckMs, ConfigType.Long);
    }

    private static Value Fixed(string name, object value, ConfigType type) =>
        new(name, Convert.ToString(value, CultureInfo.InvariantCulture), true, ConfigSource.StaticBroker, type);

    private static void Write(short version, Value value, bool withSynonyms, KafkaWriter response)
    {
        response.WriteString(value.Name);
        response.WriteNullableString(value.Text);
        response.WriteBool(value.ReadOnly);
        response.WriteInt8((sbyte)value.Source);
        response.WriteBool(false);
        response.WriteArrayLength(withSynonyms ? 1 : 0);
        if (withSynonyms)
        {
            response.WriteString(value.Name);
            response.WriteNullableString(value.Text);
            response.WriteInt8((sbyte)value.Source);
            response.WriteEmptyTaggedFields();
        }
        if (version >= 3)
        {
            response.WriteInt8((sbyte)value.Type);
            response.WriteNullableString(null);
        }
        response.WriteEmptyTaggedFields();
    }
}
