using System.Text;
using Confluent.Kafka;
using Microsoft.Extensions.Logging;

namespace StreamPlatform.Gateway.Kafka;

/// <summary>
/// One idempotent producer for all sessions: acks=all, in order per partition. Records wait for their confirmation without a deadline of
/// the client's own (message.timeout.ms=0): a record that is given up while a later one goes through would leave a gap in a session.
/// Callers bound their waits; memory is bounded by the producer's queue.
/// </summary>
public sealed class KafkaEventWriter : IEventWriter, IDisposable
{
    private const int FlushAtEndMs = 5_000;
    private readonly GatewayOptions options;
    private readonly IEventCodec codec;
    private readonly GatewayMetrics metrics;
    private readonly TimeProvider time;
    private readonly ILogger<KafkaEventWriter> logger;
    private readonly Lock gate = new();
    private IProducer<byte[], byte[]> producer;

    public KafkaEventWriter(GatewayOptions options, IEventCodec codec, GatewayMetrics metrics, TimeProvider time, ILogger<KafkaEventWriter> logger)
    {
        this.options = options;
        this.codec = codec;
        this.metrics = metrics;
        this.time = time;
        this.logger = logger;
        producer = Build();
    }

    public Task WriteAsync(EventRecord record)
    {
        var message = new Message<byte[], byte[]>
        {
            Key = Encoding.UTF8.GetBytes(record.SessionId),
            Value = codec.Encode(record.Topic, record.Value),
            Timestamp = new Timestamp(record.TimestampMs, TimestampType.CreateTime),
            Headers =
            [
                new Header("traceparent", Encoding.ASCII.GetBytes(record.Traceparent)),
                new Header("tenant", Encoding.UTF8.GetBytes(record.Tenant)),
                new Header("ce_type", Encoding.ASCII.GetBytes(record.Value.Descriptor.FullName)),
                new Header("ce_id", Encoding.UTF8.GetBytes(record.Id)),
            ],
        };
        var confirmed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var startedAt = time.GetTimestamp();
        IProducer<byte[], byte[]> used;
        lock (gate)
        {
            used = producer;
        }

        try
        {
            used.Produce(record.Topic, message, report =>
            {
                if (report.Error.IsError)
                {
                    confirmed.SetException(Failure(used, record.Topic, report.Error));
                    return;
                }

                metrics.Delivered(record.Topic, time.GetElapsedTime(startedAt).TotalMilliseconds);
                confirmed.SetResult();
            });
        }
        catch (ProduceException<byte[], byte[]> error)
        {
            throw Failure(used, record.Topic, error.Error);
        }

        return confirmed.Task;
    }

    public void Dispose()
    {
        lock (gate)
        {
            producer.Flush(TimeSpan.FromMilliseconds(FlushAtEndMs));
            producer.Dispose();
        }
    }

    private EventWriteException Failure(IProducer<byte[], byte[]> used, string topic, Error error)
    {
        if (error.IsFatal)
        {
            Renew(used, error);
        }

        return error.Code == ErrorCode.Local_QueueFull
            ? new(RefusalCodes.Overloaded, $"The gateway holds {options.ProducerQueueKiB} KiB that Kafka has not confirmed: wait and resend.")
            : new(RefusalCodes.KafkaUnavailable, $"Kafka did not take a record of {topic}: {error.Reason}");
    }

    private void Renew(IProducer<byte[], byte[]> failed, Error error)
    {
        lock (gate)
        {
            if (producer != failed)
            {
                return;
            }

            Log.ProducerFatal(logger, error.Reason);
            producer = Build();
        }

        // not here: this may be the failed producer's own callback thread
        _ = Task.Run(failed.Dispose);
    }

    private IProducer<byte[], byte[]> Build() => new ProducerBuilder<byte[], byte[]>(new ProducerConfig
    {
        BootstrapServers = options.BootstrapServers,
        ClientId = "gateway",
        EnableIdempotence = true,
        Acks = Acks.All,
        LingerMs = options.LingerMs,
        MessageTimeoutMs = 0,
        MessageMaxBytes = options.MaxMessageBytes,
        QueueBufferingMaxKbytes = options.ProducerQueueKiB,
        // the partitioner of Java clients, so that every language finds a session in the same partition
        Partitioner = Partitioner.Murmur2Random,
        SocketKeepaliveEnable = true,
    })
        .SetErrorHandler((_, error) => Log.KafkaClient(logger, error.Reason))
        .Build();
}
