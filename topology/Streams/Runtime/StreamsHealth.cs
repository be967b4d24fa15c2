namespace StreamPlatform.Streams;

/// <summary>A snapshot of an instance, refreshed about once a second.</summary>
/// <param name="LastProgressMs">Wall clock of the last acknowledged commit (or start), ms since the epoch.</param>
public sealed record StreamsHealth(
    StreamsState State, long AtMs, int InFlight, long CommittedRecords, long LastProgressMs, string? LastError, IReadOnlyList<PartitionHealth> Partitions)
{
    /// <summary>Green: the instance does its work (or is about to).</summary>
    public bool Healthy => State is not (StreamsState.Failed or StreamsState.Stopped) && !Hung && !Partitions.Any(p => p.Stalled);
    /// <summary>The owner loop runs but has not refreshed this for <see cref="StreamsOptions.StallAfterMs"/>: a synchronous step does not return.</summary>
    public bool Hung { get; init; }
    /// <summary>Total lag over the partitions whose lag is known.</summary>
    public long Lag => Partitions.Sum(p => Math.Max(0, p.Lag));
    internal static StreamsHealth Initial { get; } = new(StreamsState.Created, 0, 0, 0, 0, null, []);
}
