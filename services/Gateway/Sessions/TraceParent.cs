using System.Diagnostics;

namespace StreamPlatform.Gateway.Sessions;

/// <summary>A W3C traceparent: the trace that a session belongs to, from the browser to the sink.</summary>
public readonly record struct TraceParent(ActivityTraceId TraceId, ActivityTraceFlags Flags)
{
    /// <summary>Reads <c>00-TRACE-SPAN-FLAGS</c>; anything else starts a trace of its own.</summary>
    public static TraceParent ParseOrNew(string? traceparent) =>
        ActivityContext.TryParse(traceparent, null, out var context)
            ? new(context.TraceId, context.TraceFlags)
            : new(ActivityTraceId.CreateRandom(), ActivityTraceFlags.Recorded);

    /// <summary>A new span of the trace, as a header.</summary>
    public string Child() => $"00-{TraceId}-{ActivitySpanId.CreateRandom()}-{(int)Flags:x2}";
}
