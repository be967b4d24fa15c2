using Confluent.Kafka;
using StreamPlatform.Streams.Librdkafka;

namespace StreamPlatform.Streams;

internal sealed class ConfluentReader : ILogReader
{
    private readonly IConsumer<byte[]?, byte[]?> consumer;
    private readonly RecordQueue records;

    public ConfluentReader(TransportSettings settings)
    {
        var config = ConfluentTransport.Consuming(settings, "restore");
        config.GroupId = $"{settings.Options.ApplicationId}-restore"; // the client wants one; it is never joined or committed
        config.AutoOffsetReset = AutoOffsetReset.Earliest; // compaction and deletion may move the beginning while we read
        config.FetchWaitMaxMs = 50;
        consumer = new ConsumerBuilder<byte[]?, byte[]?>(config)
            .SetLogHandler((_, message) => ConfluentTransport.Warn(settings, "restore", message))
            .SetErrorHandler((_, error) => settings.Warn("restore", error.Reason))
            .Build();
        records = new RecordQueue(consumer.Handle, settings, "restore");
    }

    public void Assign(IReadOnlyList<PartitionOffset> partitions) => consumer.Assign(partitions.Select(ConfluentTransport.Native));

    public int Poll(Span<PollResult> into, int timeoutMs) => records.Poll(into, timeoutMs);

    public void Dispose()
    {
        records.Dispose();
        consumer.Dispose();
    }
}
