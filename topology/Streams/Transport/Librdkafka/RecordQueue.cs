using System.Reflection;
using System.Runtime.InteropServices;
using System.Text;
using Confluent.Kafka;

namespace StreamPlatform.Streams.Librdkafka;

/// <summary>
/// Takes records in batches from the queue of a consumer that Confluent.Kafka has configured and owns; its rebalance, log and error callbacks run within
/// <see cref="Poll"/>, as they would within Consume. One thread.
/// </summary>
internal sealed unsafe class RecordQueue : IDisposable
{
    private const int PartitionEnd = (int)ErrorCode.Local_PartitionEOF;
    private readonly TransportSettings settings;
    private readonly string role;
    private readonly nint queue;
    private readonly nint[] messages = GC.AllocateArray<nint>(1_000, pinned: true);
    private readonly Dictionary<nint, string> topics = [];
    private nint lastTopic;
    private string lastName = "";

    public RecordQueue(Handle client, TransportSettings settings, string role)
    {
        (this.settings, this.role) = (settings, role);
        Client = HandleOf(client);
        queue = NativeMethods.rd_kafka_queue_get_consumer(Client);
    }

    /// <summary>rd_kafka_t of the consumer.</summary>
    public nint Client { get; }

    /// <summary>Fills <paramref name="into"/> with what is there; waits up to <paramref name="timeoutMs"/> for the first. Returns the count.</summary>
    public int Poll(Span<PollResult> into, int timeoutMs)
    {
        // asked for several, librdkafka waits until they are all there or the time is up
        var taken = Take(Math.Min(into.Length, messages.Length), 0);
        if (taken == 0 && timeoutMs > 0) taken = Take(1, timeoutMs);
        var count = 0;
        TransportException? error = null;
        for (var i = 0; i < taken; i++)
        {
            var message = (NativeMethods.Message*)messages[i];
            if (message->Error == 0) into[count++] = PollResult.Of(Record(message));
            else if (message->Error == PartitionEnd) into[count++] = PollResult.End(new(TopicOf(message->Topic), message->Partition), message->Offset);
            else error ??= ErrorOf(message);
            NativeMethods.rd_kafka_message_destroy(message);
        }
        if (error is null) return count;
        if (count == 0 || error.Failure != TransportFailure.Retriable) throw error; // the clients are lost, and what was read with them
        settings.Warn(role, error.Message);
        return count;
    }

    private int Take(int most, int timeoutMs)
    {
        fixed (nint* array = messages)
        {
            var taken = (int)NativeMethods.rd_kafka_consume_batch_queue(queue, timeoutMs, (NativeMethods.Message**)array, (nuint)most);
            return Math.Max(0, taken);
        }
    }

    private ConsumedRecord Record(NativeMethods.Message* message)
    {
        int type;
        var timestampMs = NativeMethods.rd_kafka_message_timestamp(message, &type);
        return new ConsumedRecord(TopicOf(message->Topic), message->Partition, message->Offset, timestampMs,
            message->Key == null ? null : new ReadOnlySpan<byte>(message->Key, (int)message->KeyLength).ToArray(),
            message->Payload == null ? null : new ReadOnlySpan<byte>(message->Payload, (int)message->Length).ToArray(),
            Headers(message));
    }

    private static RecordHeaders Headers(NativeMethods.Message* message)
    {
        if (NativeMethods.rd_kafka_message_headers(message, out var native) != 0) return RecordHeaders.Empty; // it has none
        var headers = new RecordHeaders();
        for (nuint i = 0; NativeMethods.rd_kafka_header_get_all(native, i, out var name, out var value, out var size) == 0; i++)
            headers.Add(NativeMethods.Text(name), value == 0 ? null : new ReadOnlySpan<byte>((void*)value, (int)size).ToArray());
        return headers;
    }

    /// <summary>One string per topic, so that records can be told apart by reference. The client keeps its topic objects for its life.</summary>
    private string TopicOf(nint topic)
    {
        if (topic == lastTopic) return lastName;
        if (topic == 0) return "";
        if (!topics.TryGetValue(topic, out var name))
        {
            name = NativeMethods.Text(NativeMethods.rd_kafka_topic_name(topic));
            foreach (var known in topics.Values)
                if (known == name) { name = known; break; }
            if (topics.Count > 1_000) topics.Clear(); // handles of topics that come and go
            topics[topic] = name;
        }
        (lastTopic, lastName) = (topic, name);
        return name;
    }

    private TransportException ErrorOf(NativeMethods.Message* message)
    {
        var known = NativeErrors.Of(message->Error);
        var text = message->Payload == null ? known.Reason : Encoding.UTF8.GetString(message->Payload, (int)message->Length);
        if (known.Code is ErrorCode.Local_AutoOffsetReset or ErrorCode.OffsetOutOfRange)
            return new TransportException(TransportFailure.Configuration,
                $"the offset to read of {TopicOf(message->Topic)}[{message->Partition}] is out of range ({text}): records were deleted or the topic was recreated; reset the group's offsets deliberately");
        return ConfluentTransport.Wrap(new Error(known.Code, text, known.Code == ErrorCode.Local_Fatal), requiresAbort: false, retriable: false, TransportFailure.Retriable);
    }

    /// <summary>Confluent.Kafka keeps the native handle to itself.</summary>
    private static nint HandleOf(Handle client)
    {
        var property = typeof(Handle).GetProperty("LibrdkafkaHandle", BindingFlags.Instance | BindingFlags.NonPublic);
        return property?.GetValue(client) is SafeHandle handle
            ? handle.DangerousGetHandle()
            : throw new TransportException(TransportFailure.Configuration, "this version of Confluent.Kafka does not show librdkafka's handle; the runtime is made for 2.15");
    }

    public void Dispose() => NativeMethods.rd_kafka_queue_destroy(queue);
}
