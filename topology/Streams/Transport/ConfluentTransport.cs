using Confluent.Kafka;

namespace StreamPlatform.Streams;

/// <summary>The transport over librdkafka: Confluent.Kafka makes, configures and steers the consumers; records go through librdkafka's batch calls.</summary>
public sealed class ConfluentTransport : ITransport
{
    /// <summary>Up to this interval two producers take turns, ms: above it a transaction's markers are long written when the next one begins.</summary>
    private const int ShortCommitIntervalMs = 50;

    public IGroupConsumer OpenConsumer(TransportSettings settings, IRebalanceHandler handler) => new ConfluentConsumer(settings, handler);
    public ILogReader OpenReader(TransportSettings settings) => new ConfluentReader(settings);
    public IOutputProducer OpenProducer(TransportSettings settings, bool transactional)
    {
        var producer = Librdkafka.NativeProducer.Open(settings, transactional);
        if (!transactional || settings.Options.CommitIntervalMs > ShortCommitIntervalMs) return producer;
        try { return new AlternatingProducer(producer, Librdkafka.NativeProducer.Open(settings with { TransactionalId = settings.TransactionalId + "-b" }, transactional)); }
        catch { producer.Dispose(); throw; }
    }

    public ITopicAdmin OpenAdmin(TransportSettings settings) => new ConfluentAdmin(settings);

    internal static TConfig Common<TConfig>(TConfig config, TransportSettings settings, string role) where TConfig : ClientConfig
    {
        foreach (var (key, value) in settings.Options.ClientSettings) config.Set(key, value);
        config.BootstrapServers = settings.Options.BootstrapServers;
        config.ClientId = $"{settings.TransactionalId}-{role}";
        config.AllowAutoCreateTopics = false;
        config.SocketNagleDisable = true;
        config.ReconnectBackoffMs = 100;
        config.ReconnectBackoffMaxMs = 1_000;
        return config;
    }

    /// <summary>What every consumer of the runtime shares: only committed records, offsets never by itself, ends told.</summary>
    internal static ConsumerConfig Consuming(TransportSettings settings, string role)
    {
        var config = Common(new ConsumerConfig(), settings, role);
        config.IsolationLevel = IsolationLevel.ReadCommitted;
        config.EnableAutoCommit = false;
        config.EnableAutoOffsetStore = false;
        config.EnablePartitionEof = true;
        config.FetchQueueBackoffMs = 10; // a full queue empties in a few ms here; the default looks again after a second
        return config;
    }

    internal static TransportException Wrap(KafkaException error, TransportFailure otherwise) =>
        Wrap(error.Error, error is KafkaTxnRequiresAbortException, error is KafkaRetriableException, otherwise, error);

    /// <summary>A fatal librdkafka error means the client is lost whatever call met it.</summary>
    internal static TransportException Wrap(Error error, bool requiresAbort, bool retriable, TransportFailure otherwise, Exception? inner = null) => new(
        error.IsFatal || error.Code is ErrorCode.Local_Fatal or ErrorCode.Local_Fenced or ErrorCode.ProducerFenced or ErrorCode.InvalidProducerEpoch or ErrorCode.FencedInstanceId ? TransportFailure.Fatal
        : error.Code is ErrorCode.MsgSizeTooLarge or ErrorCode.TopicAuthorizationFailed or ErrorCode.GroupAuthorizationFailed
            or ErrorCode.TransactionalIdAuthorizationFailed or ErrorCode.ClusterAuthorizationFailed or ErrorCode.SaslAuthenticationFailed ? TransportFailure.Configuration
        : requiresAbort ? TransportFailure.Abortable
        : retriable ? TransportFailure.Retriable
        : otherwise, $"{error.Code}: {error.Reason}", inner);

    internal static TopicPartition Native(TopicPartitionId id) => new(id.Topic, id.Partition);
    internal static TopicPartitionId Own(TopicPartition partition) => new(partition.Topic, partition.Partition.Value);
    internal static TopicPartitionOffset Native(PartitionOffset at) => new(Native(at.Partition), new Offset(at.Offset));

    internal static void Warn(TransportSettings settings, string role, LogMessage message)
    {
        if (message.Level <= SyslogLevel.Warning) settings.Warn(role, message.Message);
    }
}
