namespace StreamPlatform.Streams;

/// <summary>A window's bounds in event time, milliseconds since the epoch; the end is exclusive.</summary>
public readonly record struct TimeWindow(long StartMs, long EndMs);
