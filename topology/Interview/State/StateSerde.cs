using Google.Protobuf;
using StreamPlatform.Streams;

namespace StreamPlatform.Topology.State;

/// <summary>Plain Protobuf, for changelogs that no one else reads.</summary>
public sealed class StateSerde<T> : ISerde<T> where T : class, IMessage<T>, new()
{
    private static readonly MessageParser<T> Parser = new(() => new T());

    public byte[] Serialize(string topic, T value) => value.ToByteArray();

    public T Deserialize(string topic, ReadOnlySpan<byte> data) => Parser.ParseFrom(data);
}
