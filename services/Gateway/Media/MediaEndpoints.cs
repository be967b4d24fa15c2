using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using StreamPlatform.Gateway.Api;
using StreamPlatform.Gateway.Kafka;
using StreamPlatform.Media.Vault;
using StreamPlatform.Observability;
using StreamPlatform.Schemas;
using StreamPlatform.Schemas.V1;
using StreamPlatform.Streams;
using HttpResults = Microsoft.AspNetCore.Http.Results;

namespace StreamPlatform.Gateway.Media;

/// <summary>What is kept of a session: GET /api/sessions/ID/media, and each file by its hash: GET /api/sessions/ID/media/SHA256. Every download is audited first.</summary>
internal static class MediaEndpoints
{
    private const string Unavailable = "media-unavailable";
    private const string NotThere = "unknown-media";

    public static void MapMedia(this IEndpointRouteBuilder app)
    {
        app.MapGet("/api/sessions/{id}/media", (HttpContext context, string id) => AnswerAsync(context, async vault => HttpResults.Ok(
            (await vault.OfSessionAsync(id, context.RequestAborted))
                .OrderBy(m => m.Part?.FirstSequence) // several parts are stored at once, the last one first perhaps
                .Select(m => new { m.Sha256, m.Kind, m.Name, m.ContentType, m.Bytes, m.CreatedAtMs, m.DeleteAfterMs, m.Missing, m.Part?.QuestionIndex, m.Part?.DurationMs }))));
        app.MapGet("/api/sessions/{id}/media/{sha256}", (HttpContext context, string id, string sha256, IEventWriter writer, TimeProvider time) =>
            AnswerAsync(context, vault => DownloadAsync(context, vault, id, sha256, writer, time)));
    }

    private static async Task<IResult> DownloadAsync(HttpContext context, MediaVault vault, string id, string sha256, IEventWriter writer, TimeProvider time)
    {
        var entry = (await vault.OfSessionAsync(id, context.RequestAborted)).FirstOrDefault(m => m.Sha256 == sha256);
        var content = entry is null ? null : await vault.OpenAsync(entry, context.RequestAborted);
        if (entry is null || content is null)
        {
            return Problems.Of(404, NotThere, $"No such file is kept of session {id}: GET /api/sessions/{id}/media lists what is.");
        }

        try
        {
            var now = time.GetUtcNow().ToUnixTimeMilliseconds();
            var audit = new AuditEvent
            {
                AuditId = $"{id}/media.read/{Guid.NewGuid():N}", Tenant = entry.Tenant, SessionId = id, Actor = "results api", Action = "media.read",
                Reason = $"{entry.Kind} {entry.Sha256[..12]} of {entry.Bytes} bytes was handed out", AtMs = now,
            };
            await writer.WriteAsync(new(Topics.Audit, id, audit.Tenant, audit.AuditId, now, TraceContext.New().Format(), audit)).WaitAsync(context.RequestAborted);
        }
        catch
        {
            await content.DisposeAsync();
            throw;
        }

        context.Response.ContentLength = entry.Bytes;
        context.Response.Headers.XContentTypeOptions = "nosniff";
        context.Response.Headers.ContentDisposition = $"attachment; filename=\"{entry.Kind}-{entry.Sha256[..12]}\"";
        return HttpResults.Stream(content, entry.ContentType); // a content that proves changed breaks the connection off
    }

    private static async Task<IResult> AnswerAsync(HttpContext context, Func<MediaVault, Task<IResult>> answer)
    {
        context.Response.Headers.CacheControl = "no-store"; // personal data
        if (context.RequestServices.GetService<MediaVault>() is not { } vault)
        {
            return Problems.Of(404, NotThere, "This gateway keeps no recordings.");
        }

        try
        {
            return await answer(vault);
        }
        catch (Exception error) when (error is IOException or InvalidDataException or TransientException or EventWriteException)
        {
            Log.ResultsUnavailable(context.RequestServices.GetRequiredService<ILoggerFactory>().CreateLogger<MediaVault>(), error);
            context.Response.Headers.RetryAfter = "5";
            return Problems.Of(503, Unavailable, "The media store does not answer, or does not give the file whole: ask again.");
        }
    }
}
