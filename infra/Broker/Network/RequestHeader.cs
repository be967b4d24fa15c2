using StreamPlatform.Broker.Wire;

namespace StreamPlatform.Broker.Network;

/// <summary>The header of a request (versions 1 and 2) and where its body starts in the frame.</summary>
internal readonly record struct RequestHeader(ApiKey Key, short Version, int CorrelationId, string? ClientId, bool Flexible, int BodyStart)
{
    /// <summary>The client id is a classic string even in header v2. An unknown ApiVersions version is parsed only up to the correlation id,
    /// since its header may be of a later format.</summary>
    public static RequestHeader Parse(ReadOnlySpan<byte> frame)
    {
        var reader = new KafkaReader(frame);
        var key = (ApiKey)reader.ReadInt16();
        var version = reader.ReadInt16();
        var correlationId = reader.ReadInt32();
        if (!SupportedApis.TryGet(key, out var range) || !range.Contains(version))
        {
            return new RequestHeader(key, version, correlationId, null, false, frame.Length);
        }
        var clientId = reader.ReadClassicNullableString();
        var flexible = version >= range.FirstFlexible;
        if (!flexible)
        {
            return new RequestHeader(key, version, correlationId, clientId, false, reader.Position);
        }
        var tags = new KafkaReader(frame[reader.Position..], flexible: true);
        tags.SkipTaggedFields();
        return new RequestHeader(key, version, correlationId, clientId, true, reader.Position + tags.Position);
    }
}
