namespace StreamPlatform.Streams;

/// <summary>What a restore found for tasks that were assigned together.</summary>
internal sealed record RestoreResult(IReadOnlyList<StreamTask> Tasks, IReadOnlyList<PartitionOffset> Start, long Records, Exception? Error);
