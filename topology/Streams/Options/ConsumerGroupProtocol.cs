namespace StreamPlatform.Streams;

/// <summary>Who computes the assignment.</summary>
public enum ConsumerGroupProtocol
{
    /// <summary>A member of the group; static membership, any broker.</summary>
    Classic,
    /// <summary>The broker (KIP-848, Apache Kafka 4); always incremental, with dynamic members, session and heartbeat by the broker's settings.</summary>
    Consumer,
}
