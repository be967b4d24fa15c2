using Google.Protobuf;
using StreamPlatform.Streams;

namespace StreamPlatform.Topology;

/// <summary>One application over topics of events keyed by session id: the runtime's builder without serdes at every call.</summary>
internal sealed class EventTopology(string application, IEventSerdes serdes)
{
    private readonly StreamsBuilder builder = new(application);

    public static Streams.Topology Build(string application, IEventSerdes serdes, Action<EventTopology> dataflow)
    {
        var topology = new EventTopology(application, serdes);
        dataflow(topology);
        return topology.builder.Build();
    }

    /// <param name="retry">Where records go that must wait longer; null = nowhere.</param>
    public IKStream<string, T> Stream<T>(string topic, RetryTopics? retry = null) where T : class, IMessage<T>, new() =>
        builder.Stream(topic, Serdes.Utf8, serdes.For<T>(), retry);

    /// <summary>Dead letters as they are: what lies there may be unreadable.</summary>
    public IKStream<string, byte[]> DeadLetters(string topic) => builder.Stream(topic, Serdes.Utf8, Serdes.Bytes);

    public IKTable<string, T> Table<T>(string topic) where T : class, IMessage<T>, new() => builder.Table(topic, Serdes.Utf8, serdes.For<T>());

    /// <summary>Writes every record of a topic to a store, in batches.</summary>
    public EventTopology Persist<T>(string topic, Func<IReadOnlyList<T>, CancellationToken, ValueTask> write, SinkOptions? options = null) where T : class, IMessage<T>, new()
    {
        Stream<T>(topic).ToSink(topic, (batch, ct) => write([.. batch.Select(r => r.Value)], ct).AsTask(), options ?? PersistenceSinks.Usual);
        return this;
    }
}
