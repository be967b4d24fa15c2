using StreamPlatform.Broker.Wire;

namespace StreamPlatform.Broker.Requests;

/// <summary>
/// Serves one kind of request. The versions come from <see cref="SupportedApis"/>; versions outside it never reach the handler.
/// </summary>
/// <remarks>
/// Requests of one connection are handled one after the other, as Kafka does, and answered in their order; a handler may await as long as it needs
/// (long poll, rebalance): other connections are not held up, and <c>cancel</c> fires when the client goes away or the broker stops.
/// Only handlers with <see cref="Pipelined"/> may overlap with each other: such a handler does all ordered work before its first await.
/// The body is valid until the returned task completes. The header of the response is already written; the handler appends the body,
/// including the trailing tagged fields of the top-level structure.
/// <see cref="MalformedRequestException"/> closes the connection; any other exception is logged and closes it too, so domain errors are
/// answered as error codes.
/// </remarks>
public interface IRequestHandler
{
    ApiKey Key { get; }

    short MinVersion => SupportedApis.Of(Key).Min;
    short MaxVersion => SupportedApis.Of(Key).Max;
    short FirstFlexibleVersion => SupportedApis.Of(Key).FirstFlexible;

    bool Pipelined => false;

    ValueTask HandleAsync(RequestContext context, ReadOnlyMemory<byte> body, KafkaWriter response, CancellationToken cancel);
}
