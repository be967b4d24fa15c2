using System.Text.Json.Serialization;

namespace StreamPlatform.TestProvider;

/// <summary>What can go wrong.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<FaultKind>))]
public enum FaultKind
{
    /// <summary>Answers as if nothing were wrong; keeps later rules from acting.</summary>
    None,

    /// <summary>429 with Retry-After of <see cref="Fault.RetryAfterSeconds"/>.</summary>
    RateLimit,

    /// <summary>429 without Retry-After.</summary>
    RateLimitWithoutTime,

    /// <summary>429 with code insufficient_quota.</summary>
    Quota,

    /// <summary>500.</summary>
    ServerError,

    /// <summary>503.</summary>
    Unavailable,

    /// <summary>401 with code invalid_api_key.</summary>
    Unauthorized,

    /// <summary>400.</summary>
    BadRequest,

    /// <summary>No answer until the client gives up.</summary>
    Hang,

    /// <summary>The answer's bytes trickle, one each 100 ms.</summary>
    SlowStream,

    /// <summary>The connection is cut without an answer.</summary>
    Disconnect,

    /// <summary>200 with a body that is no JSON.</summary>
    MalformedJson,

    /// <summary>A model's answer cut off in the middle: finish_reason "length". Other endpoints: the body is cut.</summary>
    TruncatedJson,

    /// <summary>The model answers JSON of another shape than asked for.</summary>
    WrongSchema,

    /// <summary>The model answers the empty text.</summary>
    EmptyAnswer,
}

/// <summary>A rule: when, and what. All conditions must hold.</summary>
public sealed record Fault
{
    /// <summary>What to do.</summary>
    public FaultKind Kind { get; init; }

    /// <summary>"chat", "audio" or "speech"; empty = each of them.</summary>
    public string Endpoint { get; init; } = "";

    /// <summary>Only requests with this key (its hash as in <see cref="RecordedRequest.KeyHash"/>); empty = any.</summary>
    public string KeyHash { get; init; } = "";

    /// <summary>Only requests for this model; empty = any.</summary>
    public string Model { get; init; } = "";

    /// <summary>Share of matching requests, 0..1. Default 1.</summary>
    public double Probability { get; init; } = 1;

    /// <summary>Matching requests that are let through first. Default 0.</summary>
    public int Skip { get; init; }

    /// <summary>Times it acts; 0 = without end. Default 0.</summary>
    public int Count { get; init; }

    /// <summary>Milliseconds after the rule was set at which it begins to act. Default 0.</summary>
    public int AfterMs { get; init; }

    /// <summary>Milliseconds for which it acts; 0 = without end. Default 0.</summary>
    public int ForMs { get; init; }

    /// <summary>Of <see cref="FaultKind.RateLimit"/>, seconds. Default 2.</summary>
    public double RetryAfterSeconds { get; init; } = 2;
}
