using System.Runtime.InteropServices;
using System.Text;
using Confluent.Kafka;

namespace StreamPlatform.Streams.Librdkafka;

/// <summary>
/// A producer on librdkafka itself. Delivery reports come as events, and only those of failures: nothing crosses into managed code for a record that was written, and a flush
/// returns with the last acknowledgement (with callbacks it looks again every 10 ms). Calls by one thread at a time; a thread of its own takes the events.
/// </summary>
internal sealed unsafe class NativeProducer : IOutputProducer
{
    private readonly TransportSettings settings;
    private readonly nint client;
    private readonly nint events;
    private readonly Dictionary<string, nint> topics = [];
    private readonly NativeMethods.Argument* arguments;
    private readonly Thread eventThread;
    private volatile bool disposed;
    private int deliveryError;
    private string lastTopic = "";
    private nint lastHandle;
    private byte[] scratch = new byte[256];

    public static NativeProducer Open(TransportSettings settings, bool transactional)
    {
        var options = settings.Options;
        var config = ConfluentTransport.Common(new ProducerConfig(), settings, "producer");
        config.EnableIdempotence = true;
        config.LingerMs = 5;
        config.BatchNumMessages = 10_000;
        config.QueueBufferingMaxMessages = 500_000;
        config.QueueBufferingMaxKbytes = 256 * 1024;
        config.MessageMaxBytes = options.MaxRecordBytes + 64 * 1024;
        config.Partitioner = Partitioner.Murmur2Random;
        config.Set("delivery.report.only.error", "true");
        config.Set("log.queue", "true");
        config.MessageTimeoutMs = 60_000;
        if (transactional)
        {
            config.TransactionalId = settings.TransactionalId;
            config.TransactionTimeoutMs = options.TransactionTimeoutMs;
            config.MessageTimeoutMs = options.TransactionTimeoutMs;
        }
        // settings that start with "dotnet." are Confluent.Kafka's own
        return new NativeProducer(settings, config.Where(c => !c.Key.StartsWith("dotnet.", StringComparison.Ordinal)));
    }

    private NativeProducer(TransportSettings settings, IEnumerable<KeyValuePair<string, string>> config)
    {
        this.settings = settings;
        var conf = NativeMethods.rd_kafka_conf_new();
        byte* error = stackalloc byte[512];
        foreach (var (name, value) in config)
        {
            if (NativeMethods.rd_kafka_conf_set(conf, name, value, error, 512) == 0) continue;
            NativeMethods.rd_kafka_conf_destroy(conf);
            throw new TransportException(TransportFailure.Configuration, $"client setting {name}: {NativeMethods.Text((nint)error)}");
        }
        NativeMethods.rd_kafka_conf_set_events(conf, NativeMethods.EventDeliveryReport | NativeMethods.EventError | NativeMethods.EventLog);
        client = NativeMethods.rd_kafka_new(NativeMethods.ProducerType, conf, error, 512);
        if (client == 0)
        {
            NativeMethods.rd_kafka_conf_destroy(conf);
            throw new TransportException(TransportFailure.Configuration, $"the producer cannot be made: {NativeMethods.Text((nint)error)}");
        }
        NativeMethods.rd_kafka_set_log_queue(client, 0); // the main queue
        events = NativeMethods.rd_kafka_queue_get_main(client);
        arguments = (NativeMethods.Argument*)NativeMemory.AllocZeroed(8, (nuint)sizeof(NativeMethods.Argument));
        eventThread = new Thread(TakeEvents) { IsBackground = true, Name = $"{settings.TransactionalId}-producer-events" };
        eventThread.Start();
    }

    public void InitTransactions(TimeSpan timeout) => NativeErrors.Check(NativeMethods.rd_kafka_init_transactions(client, Ms(timeout)), TransportFailure.Retriable);
    public void Begin() => NativeErrors.Check(NativeMethods.rd_kafka_begin_transaction(client), TransportFailure.Fatal);
    public void CommitTransaction(TimeSpan timeout) => NativeErrors.Check(NativeMethods.rd_kafka_commit_transaction(client, Ms(timeout)), TransportFailure.Fatal);
    public void AbortTransaction(TimeSpan timeout) => NativeErrors.Check(NativeMethods.rd_kafka_abort_transaction(client, Ms(timeout)), TransportFailure.Fatal);

    public void Produce(in OutputRecord record)
    {
        fixed (byte* key = record.Key)
        fixed (byte* value = record.Value)
        {
            // an empty span has no address, but no key is not an empty key
            byte empty = 0;
            var count = 0;
            Add(NativeMethods.ArgumentKind.TopicHandle)->Pointer = TopicOf(record.Topic);
            Add(NativeMethods.ArgumentKind.Partition)->Int32 = record.Partition;
            Add(NativeMethods.ArgumentKind.Flags)->Int32 = NativeMethods.CopyPayload;
            if (record.HasKey) AddBytes(NativeMethods.ArgumentKind.Key, key == null ? &empty : key, record.Key.Length);
            if (record.HasValue) AddBytes(NativeMethods.ArgumentKind.Value, value == null ? &empty : value, record.Value.Length);
            if (record.TimestampMs >= 0) Add(NativeMethods.ArgumentKind.Timestamp)->Int64 = record.TimestampMs;
            while (true)
            {
                nint headers = 0;
                var given = count;
                if (record.Headers is { Count: > 0 } some)
                {
                    headers = HeadersOf(some);
                    var argument = arguments + given++;
                    argument->Kind = NativeMethods.ArgumentKind.Headers;
                    argument->Pointer = headers;
                }
                var error = NativeMethods.rd_kafka_produceva(client, arguments, (nuint)given);
                if (error == 0) return; // the headers are the library's now
                if (headers != 0) NativeMethods.rd_kafka_headers_destroy(headers);
                if (NativeMethods.rd_kafka_error_code(error) != (int)ErrorCode.Local_QueueFull) NativeErrors.Check(error, TransportFailure.Abortable);
                NativeMethods.rd_kafka_error_destroy(error);
                NativeMethods.rd_kafka_flush(client, 100);
            }

            NativeMethods.Argument* Add(NativeMethods.ArgumentKind kind)
            {
                var argument = arguments + count++;
                argument->Kind = kind;
                return argument;
            }

            void AddBytes(NativeMethods.ArgumentKind kind, byte* bytes, int length)
            {
                var argument = Add(kind);
                argument->Pointer = (nint)bytes;
                argument->Size = (nuint)length;
            }
        }
    }

    public void SendOffsets(IReadOnlyList<PartitionOffset> offsets, GroupMembership membership, TimeSpan timeout)
    {
        var list = NativeMethods.rd_kafka_topic_partition_list_new(offsets.Count);
        var metadata = NativeMethods.rd_kafka_consumer_group_metadata((nint)membership.Native);
        try
        {
            foreach (var at in offsets) NativeMethods.rd_kafka_topic_partition_list_add(list, at.Partition.Topic, at.Partition.Partition)->Offset = at.Offset;
            NativeErrors.Check(NativeMethods.rd_kafka_send_offsets_to_transaction(client, list, metadata, Ms(timeout)), TransportFailure.Abortable);
        }
        finally
        {
            NativeMethods.rd_kafka_topic_partition_list_destroy(list);
            NativeMethods.rd_kafka_consumer_group_metadata_destroy(metadata);
        }
    }

    public void Flush(TimeSpan timeout)
    {
        if (NativeMethods.rd_kafka_flush(client, Ms(timeout)) != 0) throw new TransportException(TransportFailure.Retriable, $"records are unacknowledged after {timeout}");
        var error = Interlocked.Exchange(ref deliveryError, 0);
        if (error != 0) throw ConfluentTransport.Wrap(NativeErrors.Of(error), requiresAbort: false, retriable: false, TransportFailure.Abortable);
    }

    private nint TopicOf(string topic)
    {
        if (ReferenceEquals(topic, lastTopic)) return lastHandle;
        if (!topics.TryGetValue(topic, out var handle))
        {
            handle = NativeMethods.rd_kafka_topic_new(client, topic, 0);
            if (handle == 0) throw new TransportException(TransportFailure.Configuration, $"'{topic}' is no topic's name");
            topics[topic] = handle;
        }
        (lastTopic, lastHandle) = (topic, handle);
        return handle;
    }

    private nint HeadersOf(RecordHeaders headers)
    {
        var native = NativeMethods.rd_kafka_headers_new((nuint)headers.Count);
        for (var i = 0; i < headers.Count; i++)
        {
            var header = headers[i];
            var most = Encoding.UTF8.GetMaxByteCount(header.Key.Length);
            if (scratch.Length < most) scratch = new byte[most];
            var length = Encoding.UTF8.GetBytes(header.Key, scratch);
            fixed (byte* name = scratch)
            fixed (byte* value = header.Value)
            {
                byte empty = 0;
                NativeMethods.rd_kafka_header_add(native, name, length, header.Value is null ? null : value == null ? &empty : value, header.Value?.Length ?? 0);
            }
        }
        return native;
    }

    private void TakeEvents()
    {
        while (!disposed)
        {
            var polled = NativeMethods.rd_kafka_queue_poll(events, 1_000);
            if (polled == 0) continue;
            switch (NativeMethods.rd_kafka_event_type(polled))
            {
                case NativeMethods.EventDeliveryReport:
                    NativeMethods.Message* message;
                    while ((message = NativeMethods.rd_kafka_event_message_next(polled)) != null)
                        if (message->Error != 0) Interlocked.CompareExchange(ref deliveryError, message->Error, 0);
                    break;
                case NativeMethods.EventError:
                    settings.Warn("producer", NativeMethods.Text(NativeMethods.rd_kafka_event_error_string(polled)));
                    break;
                case NativeMethods.EventLog:
                    if (NativeMethods.rd_kafka_event_log(polled, out _, out var text, out var level) == 0 && level <= (int)SyslogLevel.Warning)
                        settings.Warn("producer", NativeMethods.Text(text));
                    break;
            }
            NativeMethods.rd_kafka_event_destroy(polled);
        }
    }

    public void Dispose()
    {
        if (disposed) return;
        disposed = true;
        NativeMethods.rd_kafka_queue_yield(events);
        eventThread.Join();
        NativeMethods.rd_kafka_queue_destroy(events);
        foreach (var handle in topics.Values) NativeMethods.rd_kafka_topic_destroy(handle);
        NativeMethods.rd_kafka_destroy_flags(client, 0);
        NativeMemory.Free(arguments);
    }

    private static int Ms(TimeSpan timeout) => (int)timeout.TotalMilliseconds;
}
