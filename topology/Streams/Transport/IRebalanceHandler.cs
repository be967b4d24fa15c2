namespace StreamPlatform.Streams;

/// <summary>Called from within <see cref="IGroupConsumer.Poll"/> and <see cref="IGroupConsumer.Close"/>, on their thread. Never throws.</summary>
public interface IRebalanceHandler
{
    /// <summary>The group gave these in addition; nothing of them is read before <see cref="IGroupConsumer.Assign"/>.</summary>
    void Assigned(IReadOnlyList<TopicPartitionId> partitions);
    /// <summary>These are taken away after the return; they may still be committed. The others stay and go on being read.</summary>
    void Revoked(IReadOnlyList<TopicPartitionId> partitions);
    /// <summary>These are somebody else's already.</summary>
    void Lost(IReadOnlyList<TopicPartitionId> partitions);
}
