using StreamPlatform.Broker.Storage;
using StreamPlatform.Broker.Wire;

namespace StreamPlatform.Broker.Requests;

/// <summary>IncrementalAlterConfigs 0-1 for topics. Deviation: the broker's own configuration is fixed at start and refused with INVALID_REQUEST.</summary>
internal sealed class IncrementalAlterConfigsHandler(BrokerServices services, LogManager logs) : IRequestHandler
{
    public ApiKey Key => ApiKey.IncrementalAlterConfigs;

    private enum Operation : sbyte
    {
        Set = 0,
        Delete = 1,
        Append = 2,
        Subtract = 3,
    }

    private readonly record struct Change(string Name, Operation Operation, string? Value);

    public ValueTask HandleAsync(RequestContext context, ReadOnlyMemory<byte> body, KafkaWriter response, CancellationToken cancel)
    {
        var reader = context.Reader(body);
        var resources = new List<(ConfigResource Type, string Name, List<Change> Changes)>();
        for (var count = reader.ReadArrayLength(); count > 0; count--)
        {
            var type = (ConfigResource)reader.ReadInt8();
            var name = reader.ReadString();
            var changes = new List<Change>();
            for (var configs = reader.ReadArrayLength(); configs > 0; configs--)
            {
                changes.Add(new Change(reader.ReadString(), (Operation)reader.ReadInt8(), reader.ReadNullableString()));
                reader.SkipTaggedFields();
            }
            reader.SkipTaggedFields();
            resources.Add((type, name, changes));
        }
        var validateOnly = reader.ReadBool();
        reader.SkipTaggedFields();
        response.WriteInt32(0);
        response.WriteArrayLength(resources.Count);
        foreach (var (type, name, changes) in resources)
        {
            var (error, message) = Alter(type, name, changes, validateOnly);
            response.WriteError(error);
            response.WriteNullableString(message);
            response.WriteInt8((sbyte)type);
            response.WriteString(name);
            response.WriteEmptyTaggedFields();
        }
        response.WriteEmptyTaggedFields();
        return ValueTask.CompletedTask;
    }

    private (ErrorCode Error, string? Message) Alter(ConfigResource type, string name, List<Change> changes, bool validateOnly)
    {
        if (type != ConfigResource.Topic)
        {
            return (ErrorCode.InvalidRequest, $"Only topics can be changed; broker {services.Address.NodeId} is configured at its start.");
        }
        if (logs.Find(name) is not { } topic)
        {
            return (ErrorCode.UnknownTopicOrPartition, $"Topic {name} does not exist.");
        }
        if (Apply(topic.Configs, changes, out var wrong) is null)
        {
            return (ErrorCode.InvalidConfig, wrong);
        }
        return validateOnly ? default : (logs.Configure(name, current => Apply(current, changes, out _) ?? current), null);
    }

    private static Dictionary<string, string>? Apply(IReadOnlyDictionary<string, string> current, List<Change> changes, out string? wrong)
    {
        var configs = new Dictionary<string, string>(current, StringComparer.Ordinal);
        foreach (var (name, operation, value) in changes)
        {
            if (TopicConfig.Find(name) is not { } key)
            {
                wrong = $"Unknown topic config name: {name}";
                return null;
            }
            if (operation == Operation.Delete)
            {
                configs.Remove(name);
                continue;
            }
            if (operation is Operation.Append or Operation.Subtract && key.Type != ConfigType.List)
            {
                wrong = $"Config value {operation} is not allowed for config key: {name}";
                return null;
            }
            var next = operation == Operation.Set ? value : Combine(configs.GetValueOrDefault(name, key.Default), value, operation == Operation.Append);
            wrong = TopicConfig.Check(name, next);
            if (wrong is not null)
            {
                return null;
            }
            configs[name] = next!;
        }
        wrong = null;
        return configs;
    }

    private static string Combine(string list, string? items, bool append)
    {
        var have = list.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        var given = (items ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        return string.Join(',', append ? have.Union(given) : have.Except(given));
    }
}
