namespace StreamPlatform.Providers;

/// <summary>What went wrong in one attempt, as metrics name it.</summary>
public enum CallFault
{
    /// <summary>429, with or without Retry-After.</summary>
    RateLimited,

    /// <summary>429 insufficient_quota: that key is done.</summary>
    Quota,

    /// <summary>401, 403: that key is refused.</summary>
    Refused,

    /// <summary>Another 4xx: the request would fail again.</summary>
    BadRequest,

    /// <summary>5xx.</summary>
    ServerError,

    /// <summary>No whole answer within the attempt's time.</summary>
    Timeout,

    /// <summary>Not connected, or cut off in the middle.</summary>
    Connection,

    /// <summary>200 with a body or an answer that is empty, cut off or not JSON.</summary>
    InvalidAnswer,
}

/// <param name="RetryAfter">What the provider asked to wait.</param>
/// <param name="Message">For a person; holds nothing that was asked or answered.</param>
internal sealed record ClassifiedFault(CallFault Fault, TimeSpan? RetryAfter, string Message);

/// <summary>Thrown by readers of answers: the call succeeded, the answer is useless.</summary>
internal sealed class InvalidAnswerException(string message, decimal? costUsd = null) : Exception(message)
{
    /// <summary>What it cost all the same; null = unknown.</summary>
    public decimal? CostUsd { get; } = costUsd;
}
