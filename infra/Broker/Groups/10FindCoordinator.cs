using StreamPlatform.Broker.Requests;
using StreamPlatform.Broker.Wire;

namespace StreamPlatform.Broker.Groups;

/// <summary>FindCoordinator 0-4: always this node. 1: transactions as well as groups. 3: flexible. 4: several keys. Share groups (key type 2) are not served.</summary>
internal sealed class FindCoordinatorHandler(BrokerServices services) : IRequestHandler
{
    public ApiKey Key => ApiKey.FindCoordinator;

    public ValueTask HandleAsync(RequestContext context, ReadOnlyMemory<byte> body, KafkaWriter response, CancellationToken cancel)
    {
        var reader = context.Reader(body);
        var key = context.Version <= 3 ? reader.ReadString() : null;
        var keyType = context.Version >= 1 ? reader.ReadInt8() : (sbyte)0;
        var keys = context.Version >= 4 ? reader.ReadStringArray() : [];

        if (context.Version >= 1)
        {
            response.WriteInt32(0);
        }
        if (context.Version <= 3)
        {
            var error = Check(keyType, key!);
            response.WriteError(error);
            if (context.Version >= 1)
            {
                response.WriteNullableString(error == ErrorCode.None ? null : Explain(keyType));
            }
            WriteNode(response, error);
        }
        else
        {
            response.WriteArrayLength(keys.Length);
            foreach (var one in keys)
            {
                var error = Check(keyType, one);
                response.WriteString(one);
                WriteNode(response, error);
                response.WriteError(error);
                response.WriteNullableString(error == ErrorCode.None ? null : Explain(keyType));
                response.WriteEmptyTaggedFields();
            }
        }
        response.WriteEmptyTaggedFields();
        return ValueTask.CompletedTask;
    }

    private static ErrorCode Check(sbyte keyType, string key) =>
        keyType is not (0 or 1) ? ErrorCode.InvalidRequest
        : keyType == 0 && key.Length == 0 ? ErrorCode.InvalidGroupId
        : ErrorCode.None;

    private static string Explain(sbyte keyType) => keyType is 0 ? "The group id is empty" : $"Coordinator key type {keyType} is not served";

    private void WriteNode(KafkaWriter response, ErrorCode error)
    {
        var node = error == ErrorCode.None ? services.Address : new BrokerAddress(-1, "", -1);
        response.WriteInt32(node.NodeId);
        response.WriteString(node.Host);
        response.WriteInt32(node.Port);
    }
}
