namespace StreamPlatform.Streams;

/// <summary>Which records of a sub-topology may be under way at once; the default is <see cref="Key"/>.</summary>
public enum Ordering
{
    /// <summary>One record of a key at a time; keys run concurrently. (Parts without asynchronous, stateful or joined steps run in partition order anyway.)</summary>
    Key,
    /// <summary>One record of a partition at a time, over all its inputs, as in Kafka Streams.</summary>
    Partition,
    /// <summary>
    /// Any number, also of one key: for stateless parts only. Outputs to topics leave in offset order per key; a record without key waits for none.
    /// Asynchronous calls and writes of sinks may overtake one another.
    /// </summary>
    None,
}
