using System.Diagnostics;

namespace StreamPlatform.Observability;

/// <summary>A place in a distributed trace, as the header "traceparent" carries it. Source: W3C Trace Context, level 1.</summary>
public readonly record struct TraceContext
{
    /// <summary>Name of the header in HTTP and in Kafka records.</summary>
    public const string Header = "traceparent";

    private readonly ActivityContext context;

    private TraceContext(ActivityContext context) => this.context = context;

    /// <summary>32 hexadecimal digits.</summary>
    public string TraceId => context.TraceId.ToHexString();

    /// <summary>16 hexadecimal digits.</summary>
    public string SpanId => context.SpanId.ToHexString();

    public bool Sampled => (context.TraceFlags & ActivityTraceFlags.Recorded) != 0;

    /// <summary>A trace of its own, sampled.</summary>
    public static TraceContext New() =>
        new(new(ActivityTraceId.CreateRandom(), ActivitySpanId.CreateRandom(), ActivityTraceFlags.Recorded));

    /// <summary>Reads a header; null when it is missing or malformed (the standard: then start a new trace).</summary>
    public static TraceContext? Parse(string? traceparent) =>
        traceparent is not null && ActivityContext.TryParse(traceparent, null, out ActivityContext context)
            && context.TraceId != default && context.SpanId != default
            ? new TraceContext(context)
            : null;

    /// <summary>The same trace, one step further: a new span id.</summary>
    public TraceContext Child() => new(new(context.TraceId, ActivitySpanId.CreateRandom(), context.TraceFlags));

    /// <summary>The header's value.</summary>
    public string Format() => $"00-{TraceId}-{SpanId}-{(Sampled ? "01" : "00")}";

    /// <summary>As <see cref="Format"/>.</summary>
    public override string ToString() => Format();
}
