using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using StreamPlatform.Gateway.Api;
using HttpResults = Microsoft.AspNetCore.Http.Results;

namespace StreamPlatform.Gateway.Results;

/// <summary>GET /api/sessions?limit=50&amp;before=MS,ID&amp;status=completed&amp;fields=sessionId,status. A full page's Link header names the next (RFC 8288).</summary>
internal static class SessionList
{
    public static void MapSessionList(this IEndpointRouteBuilder app) =>
        app.MapGet("/api/sessions", async (HttpContext context, ResultsService results, CancellationToken cancelled, int limit = 50, string before = "", string status = "", string fields = "") =>
        {
            if (limit is < 1 or > ResultsService.MaxList)
            {
                return Problems.Of(400, RefusalCodes.InvalidRequest, $"limit is 1 to {ResultsService.MaxList}.");
            }

            if (Page(limit, before, status) is not { } page)
            {
                return Problems.Of(400, RefusalCodes.InvalidRequest, "before is MILLISECONDS,SESSION as a Link header gives it; status is created, active, interrupted, completed or expired.");
            }

            if (FieldSelection<SessionRow>.Parse(fields) is not { } selection)
            {
                return Problems.Of(400, RefusalCodes.InvalidRequest, $"fields is a list of {string.Join(", ", FieldSelection<SessionRow>.Names)}.");
            }

            var rows = await results.ListAsync(page, cancelled);
            if (rows.Count == limit)
            {
                var rest = (status.Length > 0 ? "&status=" + status : "") + (fields.Length > 0 ? "&fields=" + Uri.EscapeDataString(fields) : "");
                new PageCursor(rows[^1].CreatedAtMs, rows[^1].SessionId).LinkNext(context.Response, $"/api/sessions?limit={limit}{rest}");
            }

            return HttpResults.Ok(selection.Apply(rows));
        });

    private static SessionPage? Page(int limit, string before, string status) =>
        status is ("" or "created" or "active" or "interrupted" or "completed" or "expired") && PageCursor.Parse(before) is { } cursor ? new(limit, cursor.AtMs, cursor.Key, status) : null;
}
