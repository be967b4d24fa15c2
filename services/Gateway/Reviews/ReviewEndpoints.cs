using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging;
using StreamPlatform.Gateway.Api;
using StreamPlatform.Gateway.Kafka;
using HttpResults = Microsoft.AspNetCore.Http.Results;

namespace StreamPlatform.Gateway.Reviews;

/// <summary>GET /api/reviews?state=open&amp;limit=100&amp;before=MS,ANSWER&amp;fields=answerId,technical and POST /api/reviews/SESSION/QUESTION (the answer id as it is).</summary>
internal static class ReviewEndpoints
{
    private const int MaxList = 500;

    public static void MapReviews(this IEndpointRouteBuilder app)
    {
        app.MapGet("/api/reviews", (HttpContext context, ReviewService reviews, ILogger<ReviewService> logger, string state = "open", int limit = 100, string before = "", string fields = "") =>
            ReadingAsync(() => ListAsync(context, reviews, state, limit, before, fields), logger));
        app.MapPost("/api/reviews/{session}/{question:int}", (HttpContext context, string session, int question, ReviewService reviews, ILogger<ReviewService> logger) =>
            ReadingAsync(() => DecideAsync(context, $"{session}/{question}", reviews), logger));
    }

    private static async Task<IResult> ListAsync(HttpContext context, ReviewService reviews, string state, int limit, string before, string fields)
    {
        if (state is not ("open" or "decided") || limit is < 1 or > MaxList)
        {
            return Problems.Of(400, RefusalCodes.InvalidRequest, $"state is open or decided, limit is 1 to {MaxList}.");
        }

        if (PageCursor.Parse(before) is not { } cursor || FieldSelection<ReviewRow>.Parse(fields) is not { } selection)
        {
            return Problems.Of(400, RefusalCodes.InvalidRequest, $"before is MILLISECONDS,ANSWER as a Link header gives it; fields is a list of {string.Join(", ", FieldSelection<ReviewRow>.Names)}.");
        }

        var (rows, last) = await reviews.ListAsync(state, new(limit, cursor.AtMs, cursor.Key), context.RequestAborted);
        if (last is not null)
        {
            new PageCursor(state == "decided" ? last.DecidedAtMs : last.ScoredAtMs, last.AnswerId)
                .LinkNext(context.Response, $"/api/reviews?state={state}&limit={limit}{(fields.Length > 0 ? "&fields=" + Uri.EscapeDataString(fields) : "")}");
        }

        return HttpResults.Ok(selection.Apply(rows));
    }

    private static async Task<IResult> DecideAsync(HttpContext context, string answerId, ReviewService reviews)
    {
        try
        {
            var request = context.Request.HasJsonContentType() ? await context.Request.ReadFromJsonAsync<ReviewRequest>(GatewayJson.Options, context.RequestAborted) : null;
            var fault = request is null ? "The body is the decision as JSON: technical, communication, reviewer, reason, revision." : request.Fault();
            if (request is null || fault.Length > 0)
            {
                return Problems.Of(400, RefusalCodes.InvalidRequest, fault);
            }

            var outcome = await reviews.DecideAsync(answerId, request, context.RequestAborted);
            return outcome.Code switch
            {
                "" => HttpResults.Accepted(value: new { answerId, revision = outcome.Revision }),
                RefusalCodes.UnknownAnswer => Problems.Of(404, outcome.Code, outcome.Message),
                _ => Problems.Of(409, outcome.Code, outcome.Message),
            };
        }
        catch (JsonException error)
        {
            return Problems.Of(400, RefusalCodes.InvalidRequest, $"The body is not the JSON that was expected, at {error.Path ?? "$"}.");
        }
        catch (EventWriteException error)
        {
            return Problems.Of(503, error.Code, error.Message);
        }
    }

    private static async Task<IResult> ReadingAsync(Func<Task<IResult>> answer, ILogger logger)
    {
        try
        {
            return await answer();
        }
        catch (Exception error) when (error is System.Data.Common.DbException or TimeoutException or IOException)
        {
            Log.ReviewsUnavailable(logger, error);
            return Problems.Of(503, RefusalCodes.StoreUnavailable, "The store cannot be read now: try again in a moment, see /readyz.");
        }
    }
}
