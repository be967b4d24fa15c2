using StreamPlatform.Broker.Storage;
using StreamPlatform.Broker.Wire;

namespace StreamPlatform.Broker.Requests;

/// <summary>DescribeCluster 0-1. Deviation: only broker endpoints (type 1) exist; controllers get UNSUPPORTED_ENDPOINT_TYPE.</summary>
internal sealed class DescribeClusterHandler(BrokerServices services, LogManager logs) : IRequestHandler
{
    private const sbyte Brokers = 1;

    public ApiKey Key => ApiKey.DescribeCluster;

    public ValueTask HandleAsync(RequestContext context, ReadOnlyMemory<byte> body, KafkaWriter response, CancellationToken cancel)
    {
        var reader = context.Reader(body);
        var withOperations = reader.ReadBool();
        var endpointType = context.Version >= 1 ? reader.ReadInt8() : Brokers;
        reader.SkipTaggedFields();
        var address = services.Address;
        response.WriteInt32(0);
        response.WriteError(endpointType == Brokers ? ErrorCode.None : ErrorCode.UnsupportedEndpointType);
        response.WriteNullableString(null);
        if (context.Version >= 1)
        {
            response.WriteInt8(endpointType);
        }
        response.WriteString(logs.ClusterId);
        response.WriteInt32(address.NodeId);
        response.WriteArrayLength(1);
        response.WriteInt32(address.NodeId);
        response.WriteString(address.Host);
        response.WriteInt32(address.Port);
        response.WriteNullableString(null);
        response.WriteEmptyTaggedFields();
        response.WriteInt32(withOperations ? Operations.Cluster : int.MinValue);
        response.WriteEmptyTaggedFields();
        return ValueTask.CompletedTask;
    }
}
