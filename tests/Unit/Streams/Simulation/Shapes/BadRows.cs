using StreamPlatform.Streams;

namespace StreamPlatform.Tests.Unit.Streams.Simulation.Shapes;

/// <summary>Text, but "bad" and a number cannot be read.</summary>
internal sealed class BadRows : ISerde<string>
{
    public static bool IsBad(string? value) => value?.StartsWith("bad", StringComparison.Ordinal) == true;
    public byte[] Serialize(string topic, string value) => Serdes.Utf8.Serialize(topic, value);

    public string Deserialize(string topic, ReadOnlySpan<byte> data)
    {
        var text = Serdes.Utf8.Deserialize(topic, data);
        return IsBad(text) ? throw new SerializationException("a bad row") : text;
    }
}
