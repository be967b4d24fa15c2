namespace StreamPlatform.Streams;

/// <summary>
/// All the runtime knows of Kafka: a consumer in a group, a reader for restores, a producer, an admin client. One seam, so that a faster client or a
/// simulation can take the real one's place. Methods throw <see cref="TransportException"/>.
/// </summary>
public interface ITransport
{
    IGroupConsumer OpenConsumer(TransportSettings settings, IRebalanceHandler handler);
    ILogReader OpenReader(TransportSettings settings);
    IOutputProducer OpenProducer(TransportSettings settings, bool transactional);
    ITopicAdmin OpenAdmin(TransportSettings settings);
}

/// <summary>What the clients of one instance are told.</summary>
/// <param name="GroupInstanceId">Empty = a dynamic member.</param>
/// <param name="Warn">Receives client name and text of what a client reports by itself.</param>
/// <param name="AlignInputs">Equal partition numbers of different topics must come to the same instance: only the range assignors do that.</param>
public sealed record TransportSettings(StreamsOptions Options, string TransactionalId, string GroupInstanceId, Action<string, string> Warn, bool AlignInputs = false)
{
    /// <summary>A rebalance moves single partitions (cooperative-sticky, or the consumer protocol) instead of taking all away first.</summary>
    public bool Incremental => Options.GroupProtocol == ConsumerGroupProtocol.Consumer || Options.Rebalance == RebalanceMode.Cooperative || (Options.Rebalance == RebalanceMode.Auto && !AlignInputs);
}

/// <summary>How the runtime goes on after a transport error.</summary>
public enum TransportFailure
{
    /// <summary>The same call may be repeated.</summary>
    Retriable,
    /// <summary>The transaction must be aborted; its batch may be produced again.</summary>
    Abortable,
    /// <summary>The client is lost (fenced or fatal): all clients are rebuilt and state is restored.</summary>
    Fatal,
    /// <summary>Only a person can fix it.</summary>
    Configuration,
}

/// <summary>An error of the transport, classified where it is first understood.</summary>
public sealed class TransportException(TransportFailure failure, string message, Exception? inner = null) : Exception(message, inner)
{
    public TransportFailure Failure { get; } = failure;
}

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

public enum PollKind { Record, EndOfPartition }

/// <summary>What one poll gave: a record, or a partition read to <see cref="EndOffset"/>.</summary>
public readonly record struct PollResult(PollKind Kind, ConsumedRecord? Record, TopicPartitionId Partition, long EndOffset)
{
    public static PollResult Of(ConsumedRecord record) => new(PollKind.Record, record, default, 0);
    public static PollResult End(TopicPartitionId partition, long endOffset) => new(PollKind.EndOfPartition, null, partition, endOffset);
}

/// <summary>A partition and an offset; -1 = from the end, -2 = from the beginning.</summary>
public readonly record struct PartitionOffset(TopicPartitionId Partition, long Offset)
{
    public const long End = -1;
    public const long Beginning = -2;
}

/// <summary>The group's word on who we are, fetched before every commit. Empty member id = not in the group now.</summary>
public sealed record GroupMembership(string MemberId, object Native);

/// <summary>Member of the application's group, reading committed records. One thread, except <see cref="Membership"/>, <see cref="Committed"/>, <see cref="Commit"/>.</summary>
public interface IGroupConsumer : IDisposable
{
    void Subscribe(IReadOnlyList<string> topics);
    /// <summary>Fills <paramref name="into"/> with what is there; waits up to <paramref name="timeoutMs"/> for the first. Returns the count.</summary>
    int Poll(Span<PollResult> into, int timeoutMs);
    /// <summary>Starts to read partitions that <see cref="IRebalanceHandler.Assigned"/> gave, besides those read already. They end with the return of Revoked or Lost, by themselves.</summary>
    void Assign(IReadOnlyList<PartitionOffset> partitions);
    void Pause(IReadOnlyList<TopicPartitionId> partitions);
    void Resume(IReadOnlyList<TopicPartitionId> partitions);
    /// <summary>The end of a partition as last heard; -1 = unknown.</summary>
    long HighWatermark(TopicPartitionId partition);
    GroupMembership Membership();
    /// <summary>Stable committed offsets of the group; absent where there is none.</summary>
    IReadOnlyDictionary<TopicPartitionId, long> Committed(IReadOnlyList<TopicPartitionId> partitions, TimeSpan timeout);
    /// <summary>Commits offsets without a transaction.</summary>
    void Commit(IReadOnlyList<PartitionOffset> offsets);
    /// <summary>Orderly leave; calls <see cref="IRebalanceHandler.Revoked"/> if something is assigned.</summary>
    void Close();
}

/// <summary>Reads partitions outside any group, committed records only.</summary>
public interface ILogReader : IDisposable
{
    void Assign(IReadOnlyList<PartitionOffset> partitions);
    /// <summary>As <see cref="IGroupConsumer.Poll"/>.</summary>
    int Poll(Span<PollResult> into, int timeoutMs);
}

/// <summary>Writes records. Used by one thread at a time.</summary>
public interface IOutputProducer : IDisposable
{
    void InitTransactions(TimeSpan timeout);
    void Begin();
    /// <summary>Takes a copy of key and value. Blocks while the client's queue is full.</summary>
    void Produce(in OutputRecord record);
    void SendOffsets(IReadOnlyList<PartitionOffset> offsets, GroupMembership membership, TimeSpan timeout);
    void CommitTransaction(TimeSpan timeout);
    void AbortTransaction(TimeSpan timeout);
    /// <summary>Without transactions: returns when every record produced is acknowledged, throws if one was not.</summary>
    void Flush(TimeSpan timeout);
}

/// <summary>Topics and end offsets.</summary>
public interface ITopicAdmin : IDisposable
{
    /// <summary>Every topic with its partition count.</summary>
    IReadOnlyDictionary<string, int> Topics();
    /// <summary>True if created, false if it exists.</summary>
    bool Create(string topic, int partitions, short replicationFactor, IReadOnlyDictionary<string, string> config);
    /// <summary>Deletes the records below each offset. Optional: a transport that cannot, keeps them.</summary>
    void DeleteRecords(IReadOnlyList<PartitionOffset> below) { }
    /// <summary>Partitions of these topics (with their counts) that no member of the application's group has, while it is stable; null = it is not. Optional.</summary>
    IReadOnlyList<TopicPartitionId>? Ownerless(IReadOnlyDictionary<string, int> topics) => [];
    /// <summary>High watermarks, whatever transactions are open (ListOffsets read_uncommitted).</summary>
    IReadOnlyDictionary<TopicPartitionId, long> EndOffsets(IReadOnlyList<TopicPartitionId> partitions);
}
