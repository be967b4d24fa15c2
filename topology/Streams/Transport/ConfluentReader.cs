using Confluent.Kafka;

namespace StreamPlatform.Streams;

internal sealed class ConfluentReader : ILogReader
{
    private readonly IConsumer<byte[]?, byte[]?> consumer;

    public ConfluentReader(TransportSettings settings)
    {
        var config = ConfluentTransport.Common(new ConsumerConfig(), settings, "restore");
        config.GroupId = $"{settings.Options.ApplicationId}-restore"; // the client wants one; it is never joined or committed
        config.IsolationLevel = IsolationLevel.ReadCommitted;
        config.AutoOffsetReset = AutoOffsetReset.Earliest; // compaction and deletion may move the beginning while we read
        config.EnableAutoCommit = false;
        config.EnableAutoOffsetStore = false;
        config.EnablePartitionEof = true;
        config.FetchWaitMaxMs = 50;
        consumer = new ConsumerBuilder<byte[]?, byte[]?>(config)
            .SetLogHandler((_, message) => ConfluentTransport.Warn(settings, "restore", message))
            .SetErrorHandler((_, error) => settings.Warn("restore", error.Reason))
            .Build();
    }

    public void Assign(IReadOnlyList<PartitionOffset> partitions) => consumer.Assign(partitions.Select(ConfluentTransport.Native));

    public PollResult Poll(int timeoutMs)
    {
        try { return ConfluentTransport.Own(consumer.Consume(timeoutMs)); }
        catch (KafkaException e) { throw ConfluentTransport.Wrap(e, TransportFailure.Retriable); }
    }

    public void Dispose() => consumer.Dispose();
}
