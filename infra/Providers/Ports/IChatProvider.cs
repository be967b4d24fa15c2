namespace StreamPlatform.Providers;

/// <summary>Chat completions of an OpenAI-compatible API. Keys, breaker, retries, budget, cache and metering are behind it. Safe for concurrent use.</summary>
public interface IChatProvider
{
    /// <exception cref="ProviderException">No answer; its kind says why. Nothing else is thrown but cancellation.</exception>
    Task<ChatAnswer> CompleteAsync(ChatRequest request, CallContext context, CancellationToken cancellationToken);
}

/// <summary>R-24: the cheap model for simple work, the strong one for evaluation.</summary>
public enum ModelTier
{
    Cheap,
    Strong,
}

/// <summary>One question to a language model.</summary>
/// <param name="Tier">Which of the configured models.</param>
/// <param name="System">Instructions: trusted text only.</param>
/// <param name="User">Material; untrusted parts fenced by the caller.</param>
/// <param name="SchemaName">Name of the structured output; empty = free text.</param>
/// <param name="Schema">JSON schema of the structured output (strict); empty = free text.</param>
/// <param name="MaxOutputTokens">1..16384.</param>
/// <param name="CacheKey">Equal keys may share an answer; empty = never cached. The text of request and the model are part of the key anyway.</param>
/// <param name="Timeout">Of one attempt; null = the configured one.</param>
public sealed record ChatRequest(
    ModelTier Tier, string System, string User, string SchemaName = "", string Schema = "", int MaxOutputTokens = 1024, string CacheKey = "", TimeSpan? Timeout = null);

/// <param name="Text">What the model said; JSON when a schema was given (not validated against it).</param>
public sealed record ChatAnswer(string Text, CallCost Cost);
