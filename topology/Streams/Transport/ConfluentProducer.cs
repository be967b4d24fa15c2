using Confluent.Kafka;

namespace StreamPlatform.Streams;

internal sealed class ConfluentProducer : IOutputProducer
{
    private readonly IProducer<byte[]?, byte[]?> producer;
    private readonly bool transactional;
    private readonly Action<DeliveryReport<byte[]?, byte[]?>> delivered;
    private Error? deliveryError;

    public ConfluentProducer(TransportSettings settings, bool transactional)
    {
        this.transactional = transactional;
        var options = settings.Options;
        var config = ConfluentTransport.Common(new ProducerConfig(), settings, "producer");
        config.EnableIdempotence = true;
        config.LingerMs = 5;
        config.BatchNumMessages = 10_000;
        config.QueueBufferingMaxMessages = 500_000;
        config.QueueBufferingMaxKbytes = 256 * 1024;
        config.MessageMaxBytes = options.MaxRecordBytes + 64 * 1024;
        config.Partitioner = Partitioner.Murmur2Random;
        if (transactional)
        {
            config.TransactionalId = settings.TransactionalId;
            config.TransactionTimeoutMs = options.TransactionTimeoutMs;
            config.MessageTimeoutMs = options.TransactionTimeoutMs;
            config.EnableDeliveryReports = false; // failures surface in the commit
        }
        else config.MessageTimeoutMs = 60_000;
        producer = new ProducerBuilder<byte[]?, byte[]?>(config)
            .SetLogHandler((_, message) => ConfluentTransport.Warn(settings, "producer", message))
            .SetErrorHandler((_, error) => settings.Warn("producer", error.Reason))
            .Build();
        delivered = report =>
        {
            if (report.Error.IsError) deliveryError ??= report.Error;
        };
    }

    public void InitTransactions(TimeSpan timeout) => Call(() => producer.InitTransactions(timeout), TransportFailure.Retriable);
    public void Begin() => Call(producer.BeginTransaction, TransportFailure.Fatal);

    public void Produce(OutputRecord record)
    {
        var message = new Message<byte[]?, byte[]?> { Key = record.Key, Value = record.Value };
        if (record.TimestampMs >= 0) message.Timestamp = new Timestamp(record.TimestampMs, TimestampType.CreateTime);
        if (record.Headers is { Count: > 0 } headers)
        {
            message.Headers = [];
            foreach (var header in headers) message.Headers.Add(header.Key, header.Value);
        }
        while (true)
        {
            try
            {
                if (record.Partition >= 0) producer.Produce(new TopicPartition(record.Topic, record.Partition), message, transactional ? null : delivered);
                else producer.Produce(record.Topic, message, transactional ? null : delivered);
                return;
            }
            catch (ProduceException<byte[]?, byte[]?> e) when (e.Error.Code == ErrorCode.Local_QueueFull)
            {
                producer.Flush(TimeSpan.FromMilliseconds(100));
            }
            catch (KafkaException e) { throw ConfluentTransport.Wrap(e, TransportFailure.Abortable); }
        }
    }

    public void SendOffsets(IReadOnlyList<PartitionOffset> offsets, GroupMembership membership, TimeSpan timeout) =>
        Call(() => producer.SendOffsetsToTransaction(offsets.Select(ConfluentTransport.Native), (IConsumerGroupMetadata)membership.Native, timeout), TransportFailure.Abortable);

    public void CommitTransaction(TimeSpan timeout) => Call(() => producer.CommitTransaction(timeout), TransportFailure.Fatal);
    public void AbortTransaction(TimeSpan timeout) => Call(() => producer.AbortTransaction(timeout), TransportFailure.Fatal);

    public void Flush(TimeSpan timeout)
    {
        if (producer.Flush(timeout) > 0) throw new TransportException(TransportFailure.Retriable, $"records are unacknowledged after {timeout}");
        if (deliveryError is not { } error) return;
        deliveryError = null;
        throw ConfluentTransport.Wrap(new KafkaException(error), TransportFailure.Abortable);
    }

    public void Dispose() => producer.Dispose();

    private static void Call(Action action, TransportFailure otherwise)
    {
        try { action(); }
        catch (KafkaException e) { throw ConfluentTransport.Wrap(e, otherwise); }
    }
}
