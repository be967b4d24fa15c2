using StreamPlatform.Broker.Wire;

namespace StreamPlatform.Broker.Requests;

/// <summary>
/// ApiVersions 0-4: what <see cref="SupportedApis"/> lists and a handler serves. No features are advertised.
/// An unsupported version is answered with a v0 body and UNSUPPORTED_VERSION, so that the client can choose; the response header is always v0.
/// Deviation: the client's software name is not checked.
/// </summary>
internal sealed class ApiVersionsHandler : IRequestHandler
{
    private ApiRange[] _advertised = [];

    public ApiKey Key => ApiKey.ApiVersions;

    /// <summary>Called once at start, with the keys of all handlers.</summary>
    public void Advertise(IEnumerable<ApiKey> served) => _advertised = [.. served.Select(SupportedApis.Of).OrderBy(range => range.Key)];

    public ValueTask HandleAsync(RequestContext context, ReadOnlyMemory<byte> body, KafkaWriter response, CancellationToken cancel)
    {
        var supported = SupportedApis.Of(ApiKey.ApiVersions).Contains(context.Version);
        var version = supported ? context.Version : (short)0;
        response.WriteError(supported ? ErrorCode.None : ErrorCode.UnsupportedVersion);
        response.WriteArrayLength(_advertised.Length);
        foreach (var range in _advertised)
        {
            response.WriteInt16((short)range.Key);
            response.WriteInt16(range.Min);
            response.WriteInt16(range.Max);
            response.WriteEmptyTaggedFields();
        }
        if (version >= 1)
        {
            response.WriteInt32(0);
        }
        response.WriteEmptyTaggedFields();
        return ValueTask.CompletedTask;
    }
}
