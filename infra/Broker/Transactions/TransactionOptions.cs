namespace StreamPlatform.Broker.Transactions;

/// <summary>Options of transactions; the defaults are Apache Kafka's unless said otherwise.</summary>
public sealed class TransactionOptions
{
    /// <summary>Longest transaction.timeout.ms a producer may ask for, ms. Default 900000, range 1-86400000.</summary>
    public int MaxTimeoutMs { get; set; } = 900_000;
    /// <summary>How often overdue transactions are looked for and aborted, ms. Default 1000 (Kafka: 10000), range 10-60000.</summary>
    public int AbortTimedOutCheckMs { get; set; } = 1_000;
    /// <summary>A transactional id unused for so long is forgotten, ms. Default 7 d, range 1 s-10 y.</summary>
    public long TransactionalIdExpiryMs { get; set; } = 7L * 86_400_000;
    /// <summary>Partitions of __transaction_state when it is first made. Default 4 (Kafka: 50), range 1-50.</summary>
    public int StateTopicPartitions { get; set; } = 4;
    /// <summary>Partitions of one transaction. Default 10000, range 1-100000 (Kafka: unbounded).</summary>
    public int MaxPartitionsPerTransaction { get; set; } = 10_000;

    /// <summary>Throws <see cref="ArgumentException"/> naming the key and the accepted range.</summary>
    public void Validate()
    {
        Range(nameof(MaxTimeoutMs), MaxTimeoutMs, 1, 86_400_000);
        Range(nameof(AbortTimedOutCheckMs), AbortTimedOutCheckMs, 10, 60_000);
        Range(nameof(TransactionalIdExpiryMs), TransactionalIdExpiryMs, 1_000, 315_360_000_000);
        Range(nameof(StateTopicPartitions), StateTopicPartitions, 1, 50);
        Range(nameof(MaxPartitionsPerTransaction), MaxPartitionsPerTransaction, 1, 100_000);
    }

    private static void Range(string key, long value, long min, long max)
    {
        if (value < min || value > max)
        {
            throw new ArgumentException($"{nameof(TransactionOptions)}.{key} is {value}: accepted range {min} to {max}.");
        }
    }
}
