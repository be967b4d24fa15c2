namespace StreamPlatform.Broker.Groups;

/// <summary>A partition by name.</summary>
internal readonly record struct PartitionKey(string Topic, int Partition);
