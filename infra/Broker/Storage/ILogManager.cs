using StreamPlatform.Broker.Wire;

namespace StreamPlatform.Broker.Storage;

/// <summary>A topic as the broker knows it. Topic ids are random and kept; a deleted and recreated topic has a new one.</summary>
public interface ITopic
{
    string Name { get; }
    Guid Id { get; }
    bool IsInternal { get; }
    IReadOnlyList<IPartitionLog> Partitions { get; }
    /// <summary>The configuration set on the topic (not the defaults).</summary>
    IReadOnlyDictionary<string, string> Configs { get; }
}

/// <summary>All topics and their logs on this node.</summary>
public interface ILogManager
{
    /// <summary>A snapshot, sorted by name.</summary>
    IReadOnlyList<ITopic> Topics { get; }

    ITopic? FindTopic(string name);
    ITopic? FindTopic(Guid id);
    /// <summary>Null if the topic or the partition does not exist.</summary>
    IPartitionLog? Find(string topic, int partition);

    /// <summary>The topic, created if it does not exist (internal topics are compacted). The partition count of an existing one is kept.</summary>
    ITopic EnsureInternalTopic(string name, int partitions);

    /// <summary>Raised after a topic is gone, so that coordinators drop what they keep about it.</summary>
    event Action<string>? TopicDeleted;
}
