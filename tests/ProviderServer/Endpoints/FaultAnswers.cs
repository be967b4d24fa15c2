using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace StreamPlatform.TestProvider;

/// <summary>Faults that are alike on every endpoint.</summary>
internal static class FaultAnswers
{
    /// <summary>Answers, hangs or cuts; false when the fault is one of the answer's content.</summary>
    public static async Task<bool> TryAnswerAsync(HttpContext http, Fault? fault, CancellationToken stopping)
    {
        switch (fault?.Kind)
        {
            case FaultKind.RateLimit:
                http.Response.Headers.RetryAfter = Math.Ceiling(fault.RetryAfterSeconds).ToString(CultureInfo.InvariantCulture);
                await ErrorAsync(http, 429, "rate_limit_exceeded", "requests", "Rate limit reached for requests per minute.");
                return true;
            case FaultKind.RateLimitWithoutTime:
                await ErrorAsync(http, 429, "rate_limit_exceeded", "requests", "Rate limit reached for requests per minute.");
                return true;
            case FaultKind.Quota:
                await ErrorAsync(http, 429, "insufficient_quota", "insufficient_quota", "You exceeded your current quota, please check your plan and billing details.");
                return true;
            case FaultKind.ServerError:
                await ErrorAsync(http, 500, null, "server_error", "The server had an error while processing your request.");
                return true;
            case FaultKind.Unavailable:
                await ErrorAsync(http, 503, null, "server_error", "The engine is currently overloaded.");
                return true;
            case FaultKind.Unauthorized:
                await ErrorAsync(http, 401, "invalid_api_key", "invalid_request_error", "Incorrect API key provided.");
                return true;
            case FaultKind.BadRequest:
                await ErrorAsync(http, 400, "invalid_value", "invalid_request_error", "Invalid value.");
                return true;
            case FaultKind.Hang:
                using (var ended = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted, stopping))
                {
                    await Task.Delay(Timeout.InfiniteTimeSpan, ended.Token).ContinueWith(_ => { }, TaskScheduler.Default);
                }

                http.Abort();
                return true;
            case FaultKind.Disconnect:
                http.Abort();
                return true;
            case FaultKind.MalformedJson:
                await BodyAsync(http, "application/json", "{\"id\": \"chatcmpl-1\", \"choices\": [ this is no JSON"u8.ToArray(), fault, stopping);
                return true;
            default:
                return false;
        }
    }

    /// <summary>The body, trickling where the fault says so.</summary>
    public static async Task BodyAsync(HttpContext http, string contentType, byte[] body, Fault? fault, CancellationToken stopping)
    {
        http.Response.ContentType = contentType;
        if (fault?.Kind != FaultKind.SlowStream)
        {
            http.Response.ContentLength = body.Length;
            await http.Response.Body.WriteAsync(body, http.RequestAborted);
            return;
        }

        using var ended = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted, stopping);
        try
        {
            foreach (var b in body)
            {
                await http.Response.Body.WriteAsync(new[] { b }, ended.Token);
                await http.Response.Body.FlushAsync(ended.Token);
                await Task.Delay(100, ended.Token);
            }
        }
        catch (OperationCanceledException)
        {
            http.Abort();
        }
    }

    public static Task BodyAsync(HttpContext http, JsonNode body, Fault? fault, CancellationToken stopping) =>
        BodyAsync(http, "application/json", Encoding.UTF8.GetBytes(body.ToJsonString()), fault, stopping);

    public static async Task ErrorAsync(HttpContext http, int status, string? code, string type, string message)
    {
        http.Response.StatusCode = status;
        await http.Response.WriteAsJsonAsync(new JsonObject
        {
            ["error"] = new JsonObject { ["message"] = message, ["type"] = type, ["param"] = null, ["code"] = code },
        });
    }
}
