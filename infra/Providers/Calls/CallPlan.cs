namespace StreamPlatform.Providers;

/// <summary>One call as the pipeline needs it.</summary>
/// <param name="Model">Asked for.</param>
/// <param name="EstimateUsd">Most that one attempt should cost.</param>
/// <param name="UnansweredUsd">Counted for an attempt whose answer was lost and may have been charged.</param>
/// <param name="Timeout">Of one attempt.</param>
/// <param name="AttemptAsync">Makes the call with a key.</param>
internal sealed record CallPlan<T>(
    string Model, decimal EstimateUsd, decimal UnansweredUsd, TimeSpan Timeout, Func<string, CancellationToken, Task<Answered<T>>> AttemptAsync);

/// <summary>An answer and what it cost.</summary>
internal sealed record Answered<T>(T Answer, CallCost Cost);
