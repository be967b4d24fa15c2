using StreamPlatform.Broker.Storage;
using StreamPlatform.Broker.Wire;

namespace StreamPlatform.Broker.Requests;

/// <summary>CreatePartitions 0-3. Deviations: assignments are read and ignored (one node); the timeout is ignored.</summary>
internal sealed class CreatePartitionsHandler(LogManager logs) : IRequestHandler
{
    public ApiKey Key => ApiKey.CreatePartitions;

    public ValueTask HandleAsync(RequestContext context, ReadOnlyMemory<byte> body, KafkaWriter response, CancellationToken cancel)
    {
        var reader = context.Reader(body);
        var wanted = new List<(string Name, int Count)>();
        for (var count = reader.ReadArrayLength(); count > 0; count--)
        {
            wanted.Add((reader.ReadString(), reader.ReadInt32()));
            for (var assignments = reader.ReadNullableArrayLength(); assignments > 0; assignments--)
            {
                reader.ReadInt32Array();
                reader.SkipTaggedFields();
            }
            reader.SkipTaggedFields();
        }
        reader.ReadInt32();
        var validateOnly = reader.ReadBool();
        reader.SkipTaggedFields();
        response.WriteInt32(0);
        response.WriteArrayLength(wanted.Count);
        foreach (var (name, count) in wanted)
        {
            var (error, message) = logs.Grow(name, count, validateOnly);
            response.WriteString(name);
            response.WriteError(error);
            response.WriteNullableString(message);
            response.WriteEmptyTaggedFields();
        }
        response.WriteEmptyTaggedFields();
        return ValueTask.CompletedTask;
    }
}
