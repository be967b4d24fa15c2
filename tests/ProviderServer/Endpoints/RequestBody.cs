using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace StreamPlatform.TestProvider;

/// <summary>JSON bodies of requests.</summary>
internal static class RequestBody
{
    /// <summary>The body, an empty object when it is JSON of another kind; null when it is no JSON: then the answer has been given.</summary>
    public static async Task<JsonObject?> ReadAsync(HttpContext http)
    {
        try
        {
            return (await JsonNode.ParseAsync(http.Request.Body, cancellationToken: http.RequestAborted)) as JsonObject ?? [];
        }
        catch (JsonException)
        {
            await FaultAnswers.ErrorAsync(http, 400, null, "invalid_request_error", "We could not parse the JSON body of your request.");
            return null;
        }
    }
}
