using Google.Protobuf;
using StreamPlatform.Streams;

namespace StreamPlatform.Topology;

/// <summary>Serdes of the public events, in Confluent's wire format against the platform's registry.</summary>
public interface IEventSerdes
{
    ISerde<T> For<T>() where T : class, IMessage<T>, new();
}
