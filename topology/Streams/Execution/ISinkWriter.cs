namespace StreamPlatform.Streams;

internal interface ISinkWriter
{
    /// <summary>Starts a write if one is due; on the owner loop.</summary>
    void Pump(long nowMs);
    /// <summary>When <see cref="Pump"/> is due, monotonic ms; null = nothing waits.</summary>
    long? NextMs { get; }
}
