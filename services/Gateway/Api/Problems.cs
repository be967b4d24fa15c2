using Microsoft.AspNetCore.Http;

namespace StreamPlatform.Gateway.Api;

/// <summary>Errors of the REST API: RFC 9457 problem details with a <c>code</c>.</summary>
internal static class Problems
{
    public static IResult Of(int status, string code, string detail) =>
        Microsoft.AspNetCore.Http.Results.Problem(detail, statusCode: status, extensions: new Dictionary<string, object?> { ["code"] = code });
}
