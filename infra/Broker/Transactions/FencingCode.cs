using StreamPlatform.Broker.Requests;
using StreamPlatform.Broker.Wire;

namespace StreamPlatform.Broker.Transactions;

/// <summary>Clients before KIP-588 know a fenced producer as INVALID_PRODUCER_EPOCH.</summary>
internal static class FencingCode
{
    public static ErrorCode For(RequestContext context, ErrorCode error, short firstWithProducerFenced) =>
        error == ErrorCode.ProducerFenced && context.Version < firstWithProducerFenced ? ErrorCode.InvalidProducerEpoch : error;
}
