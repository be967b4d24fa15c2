namespace StreamPlatform.Streams;

/// <summary>One input partition as seen at <see cref="StreamsHealth.AtMs"/>.</summary>
/// <param name="Lag">Records between the committed base and the end; -1 = unknown yet.</param>
/// <param name="Stalled">It has lag and made no progress for <see cref="StreamsOptions.StallAfterMs"/>.</param>
public sealed record PartitionHealth(string Topic, int Partition, long Base, long Lag, bool Paused, bool Stalled);
