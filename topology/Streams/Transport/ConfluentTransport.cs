using Confluent.Kafka;

namespace StreamPlatform.Streams;

/// <summary>The transport over Confluent.Kafka (librdkafka).</summary>
public sealed class ConfluentTransport : ITransport
{
    public IGroupConsumer OpenConsumer(TransportSettings settings, IRebalanceHandler handler) => new ConfluentConsumer(settings, handler);
    public ILogReader OpenReader(TransportSettings settings) => new ConfluentReader(settings);
    public IOutputProducer OpenProducer(TransportSettings settings, bool transactional) => new ConfluentProducer(settings, transactional);
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

    /// <summary>A fatal librdkafka error means the client is lost whatever call met it.</summary>
    internal static TransportException Wrap(KafkaException error, TransportFailure otherwise) => new(
        error.Error.IsFatal || error.Error.Code is ErrorCode.Local_Fatal or ErrorCode.Local_Fenced or ErrorCode.ProducerFenced or ErrorCode.InvalidProducerEpoch or ErrorCode.FencedInstanceId ? TransportFailure.Fatal
        : error.Error.Code is ErrorCode.MsgSizeTooLarge or ErrorCode.TopicAuthorizationFailed or ErrorCode.GroupAuthorizationFailed
            or ErrorCode.TransactionalIdAuthorizationFailed or ErrorCode.ClusterAuthorizationFailed or ErrorCode.SaslAuthenticationFailed ? TransportFailure.Configuration
        : error is KafkaTxnRequiresAbortException ? TransportFailure.Abortable
        : error is KafkaRetriableException ? TransportFailure.Retriable
        : otherwise, $"{error.Error.Code}: {error.Error.Reason}", error);

    internal static TopicPartition Native(TopicPartitionId id) => new(id.Topic, id.Partition);
    internal static TopicPartitionId Own(TopicPartition partition) => new(partition.Topic, partition.Partition.Value);
    internal static TopicPartitionOffset Native(PartitionOffset at) => new(Native(at.Partition), new Offset(at.Offset));

    internal static PollResult Own(ConsumeResult<byte[]?, byte[]?>? result)
    {
        if (result is null) return PollResult.Nothing;
        if (result.IsPartitionEOF) return PollResult.End(Own(result.TopicPartition), result.Offset.Value);
        var message = result.Message;
        var headers = RecordHeaders.Empty;
        if (message.Headers is { Count: > 0 } native)
        {
            headers = new RecordHeaders();
            foreach (var header in native) headers.Add(header.Key, header.GetValueBytes());
        }
        return PollResult.Of(new ConsumedRecord(result.Topic, result.Partition.Value, result.Offset.Value, message.Timestamp.UnixTimestampMs, message.Key, message.Value, headers));
    }

    internal static void Warn(TransportSettings settings, string role, LogMessage message)
    {
        if (message.Level <= SyslogLevel.Warning) settings.Warn(role, message.Message);
    }
}
