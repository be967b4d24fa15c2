namespace StreamPlatform.Providers;

/// <summary>Who pays for a call and how urgent it is.</summary>
/// <param name="Tenant">Tenant whose budget pays.</param>
/// <param name="SessionId">Session whose budget pays; empty for work outside of interviews.</param>
/// <param name="Task">What the call is for, as metrics name it: "score", "question", "follow-up", "resume", "transcribe", "speak".</param>
/// <param name="Priority">Longest wait for a free slot .</param>
/// <param name="Retries">How often and how soon a failed call is repeated .</param>
/// <param name="BeforeAttempt">Awaited right before each attempt, repetitions included, when slot and key are there: holds a caller's own rate. Must be short; null = nothing.</param>
public sealed record CallContext(
    string Tenant, string SessionId, string Task, CallPriority Priority = CallPriority.Medium, RetryClass Retries = RetryClass.Standard, Func<CancellationToken, Task>? BeforeAttempt = null);

/// <summary>R-23: critical waits at most 100 ms, high 500 ms, medium 5 s, low 30 s.</summary>
public enum CallPriority
{
    Critical,
    High,
    Medium,
    Low,
}

/// <summary>R-22: standard 3 retries, 100 ms to 5 s; live 2, 50 to 200 ms; batch 5, 1 to 30 s; factor 2, jitter 10 %.</summary>
public enum RetryClass
{
    Standard,
    Live,
    Batch,
}

/// <summary>What a call cost.</summary>
/// <param name="Model">Model that answered, as the provider names it.</param>
/// <param name="InputUnits">Tokens, seconds of audio, or characters of speech, as the price table counts the model.</param>
/// <param name="OutputUnits">Tokens; 0 where the model's output is not counted.</param>
/// <param name="CostUsd">By the price table; 0 when served from the cache.</param>
/// <param name="FromCache">No call was made.</param>
public sealed record CallCost(string Model, long InputUnits, long OutputUnits, decimal CostUsd, bool FromCache);
