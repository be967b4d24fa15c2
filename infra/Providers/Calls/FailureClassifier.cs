using System.ClientModel;
using System.ClientModel.Primitives;
using System.Globalization;
using System.Text.Json;

namespace StreamPlatform.Providers;

/// <summary>The one place that reads what a failed attempt means.</summary>
internal static class FailureClassifier
{
    private static readonly TimeSpan LongestRetryAfter = TimeSpan.FromHours(1);

    /// <param name="error">What the attempt threw.</param>
    /// <param name="timedOut">The attempt's own time was up.</param>
    /// <param name="now">For Retry-After as a date.</param>
    /// <returns>Null: not a failure of the provider, but a mistake in this program.</returns>
    public static ClassifiedFault? Classify(Exception error, bool timedOut, DateTimeOffset now) => error switch
    {
        _ when timedOut => new(CallFault.Timeout, null, "no whole answer in time"),
        ClientResultException { Status: > 0 } e => ByStatus(e, now),
        ClientResultException or HttpRequestException or IOException or System.Net.Sockets.SocketException => new(CallFault.Connection, null, "no connection, or it was cut"),
        AggregateException { InnerExceptions: [var inner, ..] } => Classify(inner, timedOut, now),
        InvalidAnswerException e => new(CallFault.InvalidAnswer, null, e.Message),

        // what the SDK's readers throw for JSON that is none, or of another shape
        JsonException or FormatException or InvalidOperationException or KeyNotFoundException or ArgumentException or NullReferenceException or OverflowException =>
            new(CallFault.InvalidAnswer, null, "the answer is not of the API's form"),

        // cancelled by neither the caller nor the time-out: the transport gave up
        OperationCanceledException => new(CallFault.Connection, null, "the request was given up"),
        _ => null,
    };

    private static ClassifiedFault ByStatus(ClientResultException error, DateTimeOffset now)
    {
        var response = error.GetRawResponse();
        var code = Code(response);
        var message = code.Length > 0 ? $"status {error.Status}, {code}" : $"status {error.Status}";
        return error.Status switch
        {
            429 when code is "insufficient_quota" or "billing_hard_limit_reached" or "billing_not_active" => new(CallFault.Quota, null, message),
            429 => new(CallFault.RateLimited, RetryAfter(response, now), message),
            401 or 403 => new(CallFault.Refused, null, message),
            408 => new(CallFault.Timeout, null, message),
            >= 500 => new(CallFault.ServerError, RetryAfter(response, now), message),
            >= 400 => new(CallFault.BadRequest, null, message),
            _ => new(CallFault.InvalidAnswer, null, message),
        };
    }

    // {"error": {"code": "...", "type": "..."}}; only words of the API's own, since messages may repeat the prompt
    private static string Code(PipelineResponse? response)
    {
        try
        {
            using var body = JsonDocument.Parse(response?.Content ?? BinaryData.Empty);
            var error = body.RootElement.GetProperty("error");
            foreach (var name in new[] { "code", "type" })
            {
                if (error.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String && value.GetString() is { Length: > 0 and <= 64 } code
                    && code.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' or '.'))
                {
                    return code;
                }
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException)
        {
            // a proxy's page instead of the API's error
        }

        return "";
    }

    // Seconds or a date (RFC 9110, 10.2.3); retry-after-ms is the finer form that some providers add.
    private static TimeSpan? RetryAfter(PipelineResponse? response, DateTimeOffset now)
    {
        if (response is null)
        {
            return null;
        }

        TimeSpan? wait = response.Headers.TryGetValue("retry-after-ms", out var text) && double.TryParse(text, CultureInfo.InvariantCulture, out var ms) && double.IsFinite(ms)
            ? TimeSpan.FromMilliseconds(Math.Clamp(ms, 0, LongestRetryAfter.TotalMilliseconds))
            : !response.Headers.TryGetValue("Retry-After", out text) ? null
            : double.TryParse(text, CultureInfo.InvariantCulture, out var seconds) && double.IsFinite(seconds) ? TimeSpan.FromSeconds(Math.Clamp(seconds, 0, LongestRetryAfter.TotalSeconds))
            : DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var date) ? date - now
            : null;
        return wait is { } w ? w < TimeSpan.Zero ? TimeSpan.Zero : w > LongestRetryAfter ? LongestRetryAfter : w : null;
    }
}
