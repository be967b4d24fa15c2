namespace StreamPlatform.Streams;

/// <summary>What a restore found for tasks that were assigned together.</summary>
/// <param name="Overtaken">The group's offset moved meanwhile, so another instance has taken over and this one is not told yet: what was read says nothing.</param>
internal sealed record RestoreResult(IReadOnlyList<StreamTask> Tasks, IReadOnlyList<PartitionOffset> Start, long Records, Exception? Error, bool Overtaken = false);
