using System.Reflection;
using System.Runtime.InteropServices;

namespace StreamPlatform.Streams.Librdkafka;

/// <summary>
/// The functions of librdkafka (rdkafka.h, 2.15) that move records, called directly: one crossing per record and no object, where Confluent.Kafka allocates several.
/// The library itself is the one Confluent.Kafka has loaded.
/// </summary>
internal static unsafe partial class NativeMethods
{
    private const string Library = "librdkafka";
    private static readonly string[] Names = [Library, "alpine-librdkafka", "centos8-librdkafka"]; // as Confluent.Kafka looks for it

    static NativeMethods()
    {
        Confluent.Kafka.Library.Load();
        NativeLibrary.SetDllImportResolver(typeof(NativeMethods).Assembly, Resolve);
    }

    private static nint Resolve(string name, Assembly assembly, DllImportSearchPath? path)
    {
        if (name != Library) return 0;
        foreach (var candidate in Names)
            if (NativeLibrary.TryLoad(candidate, assembly, path, out var handle)) return handle;
        return 0; // the runtime's own error names what is missing
    }

    // ---- configuration and life of a client ----
    [LibraryImport(Library)] internal static partial nint rd_kafka_conf_new();
    [LibraryImport(Library)] internal static partial void rd_kafka_conf_destroy(nint conf);
    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)] internal static partial int rd_kafka_conf_set(nint conf, string name, string value, byte* error, nuint errorSize);
    [LibraryImport(Library)] internal static partial void rd_kafka_conf_set_events(nint conf, int events);
    [LibraryImport(Library)] internal static partial nint rd_kafka_new(int type, nint conf, byte* error, nuint errorSize);
    [LibraryImport(Library)] internal static partial int rd_kafka_set_log_queue(nint client, nint queue);
    [LibraryImport(Library)] internal static partial void rd_kafka_destroy_flags(nint client, int flags);

    // ---- queues and events ----
    [LibraryImport(Library)] internal static partial nint rd_kafka_queue_get_main(nint client);
    [LibraryImport(Library)] internal static partial nint rd_kafka_queue_get_consumer(nint client);
    [LibraryImport(Library)] internal static partial void rd_kafka_queue_destroy(nint queue);
    [LibraryImport(Library)] internal static partial void rd_kafka_queue_yield(nint queue);
    [LibraryImport(Library)] internal static partial nint rd_kafka_queue_poll(nint queue, int timeoutMs);
    [LibraryImport(Library)] internal static partial int rd_kafka_event_type(nint polled);
    [LibraryImport(Library)] internal static partial Message* rd_kafka_event_message_next(nint polled);
    [LibraryImport(Library)] internal static partial nint rd_kafka_event_error_string(nint polled);
    [LibraryImport(Library)] internal static partial int rd_kafka_event_log(nint polled, out nint facility, out nint text, out int level);
    [LibraryImport(Library)] internal static partial void rd_kafka_event_destroy(nint polled);

    // ---- reading ----
    [LibraryImport(Library)] internal static partial nint rd_kafka_consume_batch_queue(nint queue, int timeoutMs, Message** messages, nuint count);
    [LibraryImport(Library)] internal static partial void rd_kafka_message_destroy(Message* message);
    [LibraryImport(Library), SuppressGCTransition] internal static partial long rd_kafka_message_timestamp(Message* message, int* type);
    [LibraryImport(Library)] internal static partial int rd_kafka_message_headers(Message* message, out nint headers);
    [LibraryImport(Library)] internal static partial int rd_kafka_header_get_all(nint headers, nuint index, out nint name, out nint value, out nuint size);
    [LibraryImport(Library)] internal static partial nint rd_kafka_topic_name(nint topic);

    // ---- writing ----
    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)] internal static partial nint rd_kafka_topic_new(nint client, string topic, nint conf);
    [LibraryImport(Library)] internal static partial void rd_kafka_topic_destroy(nint topic);
    [LibraryImport(Library)] internal static partial nint rd_kafka_produceva(nint client, Argument* arguments, nuint count);
    [LibraryImport(Library)] internal static partial nint rd_kafka_headers_new(nuint count);
    [LibraryImport(Library)] internal static partial int rd_kafka_header_add(nint headers, byte* name, nint nameSize, byte* value, nint valueSize);
    [LibraryImport(Library)] internal static partial void rd_kafka_headers_destroy(nint headers);
    [LibraryImport(Library)] internal static partial int rd_kafka_flush(nint client, int timeoutMs);

    // ---- transactions ----
    [LibraryImport(Library)] internal static partial nint rd_kafka_init_transactions(nint client, int timeoutMs);
    [LibraryImport(Library)] internal static partial nint rd_kafka_begin_transaction(nint client);
    [LibraryImport(Library)] internal static partial nint rd_kafka_send_offsets_to_transaction(nint client, nint offsets, nint groupMetadata, int timeoutMs);
    [LibraryImport(Library)] internal static partial nint rd_kafka_commit_transaction(nint client, int timeoutMs);
    [LibraryImport(Library)] internal static partial nint rd_kafka_abort_transaction(nint client, int timeoutMs);
    [LibraryImport(Library)] internal static partial nint rd_kafka_consumer_group_metadata(nint consumer);
    [LibraryImport(Library)] internal static partial void rd_kafka_consumer_group_metadata_destroy(nint metadata);
    [LibraryImport(Library)] internal static partial nint rd_kafka_topic_partition_list_new(int count);
    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)] internal static partial TopicPartition* rd_kafka_topic_partition_list_add(nint list, string topic, int partition);
    [LibraryImport(Library)] internal static partial void rd_kafka_topic_partition_list_destroy(nint list);

    // ---- errors ----
    [LibraryImport(Library)] internal static partial int rd_kafka_error_code(nint error);
    [LibraryImport(Library)] internal static partial nint rd_kafka_error_string(nint error);
    [LibraryImport(Library)] internal static partial int rd_kafka_error_is_fatal(nint error);
    [LibraryImport(Library)] internal static partial int rd_kafka_error_is_retriable(nint error);
    [LibraryImport(Library)] internal static partial int rd_kafka_error_txn_requires_abort(nint error);
    [LibraryImport(Library)] internal static partial void rd_kafka_error_destroy(nint error);
    [LibraryImport(Library)] internal static partial nint rd_kafka_err2str(int error);

    internal const int ProducerType = 0;
    internal const int EventDeliveryReport = 0x1;
    internal const int EventLog = 0x4;
    internal const int EventError = 0x8;

    /// <summary>rd_kafka_message_t.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct Message
    {
        public int Error;
        public nint Topic;
        public int Partition;
        public byte* Payload;
        public nuint Length;
        public byte* Key;
        public nuint KeyLength;
        public long Offset;
        public nint Private;
    }

    /// <summary>rd_kafka_topic_partition_t.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct TopicPartition
    {
        public nint Topic;
        public int Partition;
        public long Offset;
        public nint Metadata;
        public nuint MetadataSize;
        public nint Opaque;
        public int Error;
        public nint Private;
    }

    /// <summary>rd_kafka_vu_t: one argument of rd_kafka_produceva.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 72)]
    internal struct Argument
    {
        [FieldOffset(0)] public ArgumentKind Kind;
        [FieldOffset(8)] public nint Pointer;
        [FieldOffset(8)] public int Int32;
        [FieldOffset(8)] public long Int64;
        [FieldOffset(16)] public nuint Size;
    }

    /// <summary>rd_kafka_vtype_t.</summary>
    internal enum ArgumentKind { End, Topic, TopicHandle, Partition, Value, Key, Opaque, Flags, Timestamp, Header, Headers }

    /// <summary>RD_KAFKA_MSG_F_COPY: the library copies key and value before the call returns.</summary>
    internal const int CopyPayload = 0x2;

    internal static string Text(nint utf8) => Marshal.PtrToStringUTF8(utf8) ?? "";
}
