namespace StreamPlatform.Streams;

/// <summary>Options of one application instance.</summary>
public sealed class StreamsOptions
{
    /// <summary>host:port list of the brokers.</summary>
    public string BootstrapServers { get; set; } = "";

    /// <summary>Consumer group, prefix of changelog, progress and transactional ids. Set by the application from its topology when empty.</summary>
    public string ApplicationId { get; set; } = "";

    /// <summary>Which of the application's instances this is: names transactional.id and group.instance.id, so each running instance needs its own. Range 0..999.</summary>
    public int InstanceSlot { get; set; }

    public ProcessingGuarantee Guarantee { get; set; } = ProcessingGuarantee.ExactlyOnce;

    /// <summary>
    /// Time between commits, ms; the end of a burst is committed after a quarter of it. Up to 50 two transactional producers take turns (the second one's id ends in <c>-b</c>). Range 1..60000.
    /// </summary>
    public int CommitIntervalMs { get; set; } = 100;

    /// <summary>Finished records that bring a commit forward. Range 1..1000000.</summary>
    public int CommitMaxRecords { get; set; } = 50_000;

    /// <summary>Records read but unfinished, over all partitions, above which reading pauses (resumes at half). Range 1..1000000.</summary>
    public int MaxInFlightRecords { get; set; } = 2_000;

    /// <summary>Bytes of records in flight, of outputs that wait for their commit and of those under commit, above which reading pauses likewise. Range 1048576..17179869184.</summary>
    public long MaxBufferedBytes { get; set; } = 128 * 1024 * 1024;

    /// <summary>Memory that keyed state may take on this instance, by estimate, bytes; beyond it the instance stops with an error. Range 1048576..1099511627776.</summary>
    public long MaxStateBytes { get; set; } = 4L * 1024 * 1024 * 1024;

    /// <summary>Offsets between a partition's base and its last read above which it pauses. Range 1..1000000.</summary>
    public int MaxOffsetSpan { get; set; } = 100_000;

    /// <summary>Attempts for a transient error, the first included. Range 1..1000000.</summary>
    public int MaxAttempts { get; set; } = 5;

    /// <summary>Wait before the second attempt, ms; doubles up to <see cref="RetryBackoffMaxMs"/>. Range 1..60000.</summary>
    public int RetryBackoffMs { get; set; } = 100;

    /// <summary>Longest wait between attempts, ms. Range 1..3600000.</summary>
    public int RetryBackoffMaxMs { get; set; } = 10_000;

    /// <summary>Records of a key waiting for one that is under way, at which that one is given up: to the input's retry topics, else by <see cref="OnExhausted"/>; the others follow. 0 = never: the partition pauses at its bounds. Range 0..1000000.</summary>
    public int MaxQueuedPerKey { get; set; }

    /// <summary>Time a record may hold its key until it is given up likewise, retries in place included, ms. 0 = never. Range 0..86400000.</summary>
    public int MaxBlockedMs { get; set; }

    public ExhaustedPolicy OnExhausted { get; set; } = ExhaustedPolicy.DeadLetter;

    /// <summary>Asked before the default classification; null = no opinion.</summary>
    public Func<Exception, ErrorClass?>? Classify { get; set; }

    /// <summary>Wall-clock time a record waits for a missing row of a joined table, ms; 0 = not at all. Range 0..60000.</summary>
    public int TableWaitMs { get; set; } = 500;

    public OffsetMismatchPolicy OnOffsetMismatch { get; set; } = OffsetMismatchPolicy.Fail;

    public InitialOffset InitialOffset { get; set; } = InitialOffset.Earliest;

    /// <summary>Headers copied from a record to its outputs.</summary>
    public IReadOnlyList<string> ForwardHeaders { get; set; } = ["traceparent", "tracestate", "tenant"];

    /// <summary>Time a stop or a revocation gives work under way and the last commit, ms. Range 0..60000.</summary>
    public int ShutdownDeadlineMs { get; set; } = 5_000;

    /// <summary>How a rebalance moves partitions.</summary>
    public RebalanceMode Rebalance { get; set; } = RebalanceMode.Auto;

    /// <summary>The group's protocol; <see cref="ConsumerGroupProtocol.Consumer"/> needs a broker that speaks KIP-848.</summary>
    public ConsumerGroupProtocol GroupProtocol { get; set; } = ConsumerGroupProtocol.Classic;

    /// <summary>Group session timeout, ms: an instance that vanished is replaced after it; the consumer protocol takes the broker's. Range 1000..300000.</summary>
    public int SessionTimeoutMs { get; set; } = 10_000;

    /// <summary>Transaction timeout, ms. Range 1000..300000; above <see cref="CommitIntervalMs"/>.</summary>
    public int TransactionTimeoutMs { get; set; } = 10_000;

    /// <summary>A partition with lag and no progress for this long is reported stalled, ms. Range 1000..3600000.</summary>
    public int StallAfterMs { get; set; } = 60_000;

    /// <summary>Clients lost to a fatal broker error that may be rebuilt within five minutes; more stop the instance. Range 0..1000.</summary>
    public int MaxRebuilds { get; set; } = 20;

    /// <summary>Largest record written, key and value, bytes; a larger one makes its source record poison. At most what the topics accept (Kafka: max.message.bytes, by default 1048588). Range 1024..104857600.</summary>
    public int MaxRecordBytes { get; set; } = 1_000_000;

    /// <summary>Replication factor of topics the application creates; -1 = the broker's default.</summary>
    public short ReplicationFactor { get; set; } = -1;

    /// <summary>Retention of dead-letter topics the application creates, hours. Range 1..87600.</summary>
    public int DeadLetterRetentionHours { get; set; } = 14 * 24;

    /// <summary>Time between deletions of what was read from repartition topics, ms. Range 100..86400000.</summary>
    public int PurgeIntervalMs { get; set; } = 30_000;

    /// <summary>Time a start waits for the broker and for input and output topics to appear, ms. Range 0..600000.</summary>
    public int StartPatienceMs { get; set; } = 10_000;

    /// <summary>Extra client settings by librdkafka name (TLS, SASL), given to every client.</summary>
    public IReadOnlyDictionary<string, string> ClientSettings { get; set; } = new Dictionary<string, string>();

    /// <exception cref="StreamsConfigurationException">Names the key and the accepted range.</exception>
    public void Validate()
    {
        if (string.IsNullOrWhiteSpace(ApplicationId)) throw new StreamsConfigurationException($"{nameof(ApplicationId)} is empty");
        OptionRange.Check(nameof(InstanceSlot), InstanceSlot, 0, 999);
        OptionRange.Check(nameof(CommitIntervalMs), CommitIntervalMs, 1, 60_000);
        OptionRange.Check(nameof(CommitMaxRecords), CommitMaxRecords, 1, 1_000_000);
        OptionRange.Check(nameof(MaxInFlightRecords), MaxInFlightRecords, 1, 1_000_000);
        OptionRange.Check(nameof(MaxBufferedBytes), MaxBufferedBytes, 1024 * 1024, 16L * 1024 * 1024 * 1024);
        OptionRange.Check(nameof(MaxStateBytes), MaxStateBytes, 1024 * 1024, 1L << 40);
        OptionRange.Check(nameof(MaxOffsetSpan), MaxOffsetSpan, 1, 1_000_000);
        OptionRange.Check(nameof(MaxAttempts), MaxAttempts, 1, 1_000_000);
        OptionRange.Check(nameof(RetryBackoffMs), RetryBackoffMs, 1, 60_000);
        OptionRange.Check(nameof(RetryBackoffMaxMs), RetryBackoffMaxMs, RetryBackoffMs, 3_600_000);
        OptionRange.Check(nameof(MaxQueuedPerKey), MaxQueuedPerKey, 0, 1_000_000);
        OptionRange.Check(nameof(MaxBlockedMs), MaxBlockedMs, 0, 86_400_000);
        OptionRange.Check(nameof(TableWaitMs), TableWaitMs, 0, 60_000);
        OptionRange.Check(nameof(ShutdownDeadlineMs), ShutdownDeadlineMs, 0, 60_000);
        if (GroupProtocol == ConsumerGroupProtocol.Consumer && Rebalance == RebalanceMode.Eager)
            throw new StreamsConfigurationException($"{nameof(Rebalance)} is {Rebalance}, but {nameof(GroupProtocol)} {GroupProtocol} always moves single partitions; set it to {RebalanceMode.Auto}");
        OptionRange.Check(nameof(SessionTimeoutMs), SessionTimeoutMs, 1_000, 300_000);
        OptionRange.Check(nameof(TransactionTimeoutMs), TransactionTimeoutMs, Math.Max(1_000, CommitIntervalMs + 1), 300_000);
        OptionRange.Check(nameof(StallAfterMs), StallAfterMs, 1_000, 3_600_000);
        OptionRange.Check(nameof(MaxRebuilds), MaxRebuilds, 0, 1_000);
        OptionRange.Check(nameof(MaxRecordBytes), MaxRecordBytes, 1024, 100 * 1024 * 1024);
        OptionRange.Check(nameof(PurgeIntervalMs), PurgeIntervalMs, 100, 86_400_000);
        OptionRange.Check(nameof(StartPatienceMs), StartPatienceMs, 0, 600_000);
        OptionRange.Check(nameof(DeadLetterRetentionHours), DeadLetterRetentionHours, 1, 87_600);
    }
}
