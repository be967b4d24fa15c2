using System.Net;
using StreamPlatform.Broker.Wire;

namespace StreamPlatform.Broker.Requests;

/// <summary>What a handler knows about the request besides its body.</summary>
public sealed class RequestContext
{
    public required ApiKey Key { get; init; }
    public required short Version { get; init; }
    public required int CorrelationId { get; init; }
    public required string? ClientId { get; init; }
    /// <summary>True if this version has compact lengths and tagged fields.</summary>
    public required bool Flexible { get; init; }
    /// <summary>Grows with every connection accepted by this broker since its start: of two connections the one with the larger number is younger.</summary>
    public required long ConnectionNumber { get; init; }
    /// <summary>The address of the client; groups show it as "/host".</summary>
    public required EndPoint? RemoteEndPoint { get; init; }

    /// <summary>Set by a handler that must not answer (Produce with acks=0).</summary>
    public bool NoResponse { get; set; }

    /// <summary>"/127.0.0.1", as Kafka describes a member's host.</summary>
    public string ClientHost => RemoteEndPoint is IPEndPoint ip ? $"/{ip.Address}" : "/unknown";

    public KafkaReader Reader(ReadOnlyMemory<byte> body) => new(body.Span, Flexible);
}
