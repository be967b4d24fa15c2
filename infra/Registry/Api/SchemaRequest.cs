using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using StreamPlatform.Registry.State;

namespace StreamPlatform.Registry.Api;

/// <summary>The body of a registration or a look-up.</summary>
internal sealed record SchemaRequest(string SchemaType, string Text, IReadOnlyList<StoredReference> References)
{
    public static async Task<SchemaRequest> ReadAsync(HttpRequest request, int maxBytes)
    {
        JsonObject body = await ReadObjectAsync(request, maxBytes).ConfigureAwait(false);
        try
        {
            string text = (string?)body["schema"] ?? "";
            return text.Length == 0
                ? throw ApiException.InvalidSchema("the request has no \"schema\"")
                : new((string?)body["schemaType"] ?? "AVRO", text, TopicRecords.ReadReferences(body["references"] as JsonArray));
        }
        catch (Exception e) when (e is FormatException or InvalidOperationException)
        {
            throw ApiException.InvalidRequest(e.Message);
        }
    }

    public static async Task<JsonObject> ReadObjectAsync(HttpRequest request, int maxBytes)
    {
        if (request.ContentLength > maxBytes)
        {
            throw ApiException.InvalidRequest($"the request has {request.ContentLength} bytes, accepted: at most {maxBytes}");
        }

        using var bounded = new MemoryStream();
        byte[] buffer = new byte[16 * 1024];
        for (int read; (read = await request.Body.ReadAsync(buffer, request.HttpContext.RequestAborted).ConfigureAwait(false)) > 0;)
        {
            if (bounded.Length + read > maxBytes)
            {
                throw ApiException.InvalidRequest($"the request has more than {maxBytes} bytes");
            }

            bounded.Write(buffer, 0, read);
        }

        try
        {
            return JsonNode.Parse(bounded.GetBuffer().AsSpan(0, (int)bounded.Length)) as JsonObject ?? throw ApiException.InvalidRequest("the body is no JSON object");
        }
        catch (JsonException e)
        {
            throw ApiException.InvalidRequest("the body is no JSON: " + e.Message);
        }
    }

    /// <summary>A text field of the body; null when it is missing or no text.</summary>
    public static async Task<string?> ReadFieldAsync(HttpRequest request, int maxBytes, string field) =>
        (await ReadObjectAsync(request, maxBytes).ConfigureAwait(false))[field] is JsonValue value && value.TryGetValue(out string? text) ? text : null;
}
