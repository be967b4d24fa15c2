namespace StreamPlatform.Providers;

/// <summary>Why there is no answer. Classified once, here; callers fall back, wait or flag by it.</summary>
public enum ProviderFailure
{
    /// <summary>Time-outs, 5xx, connection errors, after all retries of the class.</summary>
    Unavailable,

    /// <summary>The breaker is open: no call was made.</summary>
    BreakerOpen,

    /// <summary>429 beyond what the retries allow; <see cref="ProviderException.RetryAfter"/> may say how long.</summary>
    RateLimited,

    /// <summary>No slot within the priority's longest wait .</summary>
    Overloaded,

    /// <summary>Every key's quota is exhausted: never retried.</summary>
    QuotaExhausted,

    /// <summary>The session's, tenant's or month's budget is spent: no call was made .</summary>
    BudgetExhausted,

    /// <summary>401, 403, 404 or another 4xx: configuration, never retried.</summary>
    Rejected,

    /// <summary>An answer that is cut off, empty or not JSON, after one repetition.</summary>
    InvalidAnswer,
}

/// <summary>A call to a provider that gave no answer.</summary>
public sealed class ProviderException(ProviderFailure failure, string message, TimeSpan? retryAfter = null, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>Why.</summary>
    public ProviderFailure Failure { get; } = failure;

    /// <summary>What the provider asked to wait.</summary>
    public TimeSpan? RetryAfter { get; } = retryAfter;
}
