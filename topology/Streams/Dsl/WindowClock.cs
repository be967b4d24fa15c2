namespace StreamPlatform.Streams;

/// <summary>Whose event time closes windows and makes records late.</summary>
public enum WindowClock
{
    /// <summary>The largest timestamp of the record's own key: a slow or delayed key loses nothing because another is ahead. The default.</summary>
    Key,

    /// <summary>
    /// The largest timestamp of the partition, as in Kafka Streams: a silent key's windows close when other keys go on. A record is judged by the stream time
    /// of offsets up to its own, fixed when it is read; windows close at the watermark of the finished prefix, which is durable. So grace must exceed the
    /// longest time a key may be held back <i>before</i> its topic (a retry or repartition topic): what comes later than that is late. With several inputs
    /// the slowest one counts; inputs read to their end do not hold the others back.
    /// </summary>
    Partition,
}
