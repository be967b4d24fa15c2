using StreamPlatform.Streams;

namespace StreamPlatform.Topology;

/// <summary>How many records the persistence sinks write at once (docs/stores.md has what was measured). Under little load a batch is what arrived within the linger time.</summary>
public static class PersistenceSinks
{
    /// <summary>Records under way in one instance: enough to fill every writer of the emotion series while the next batches gather.</summary>
    public const int MaxInFlightRecords = 20_000;

    /// <summary>Of every topic but the emotions: one connection each.</summary>
    public static SinkOptions Usual => new() { MaxRecords = 2_000, LingerMs = 50 };

    /// <summary>Of the emotions, 99 of 100 records: several connections, none of which holds a partition that another one writes.</summary>
    public static SinkOptions Emotions => new() { MaxRecords = 5_000, LingerMs = 50, MaxConcurrentWrites = 4 };
}
