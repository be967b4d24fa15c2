using Google.Protobuf;
using StreamPlatform.Streams;

namespace StreamPlatform.Topology;

internal static class EventStreams
{
    /// <summary>Writes events to a topic, keyed by session id.</summary>
    public static void To<T>(this IKStream<string, T> stream, string topic, IEventSerdes serdes) where T : class, IMessage<T>, new() =>
        stream.To(topic, Serdes.Utf8, serdes.For<T>());
}
