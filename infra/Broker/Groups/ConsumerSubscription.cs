using StreamPlatform.Broker.Wire;

namespace StreamPlatform.Broker.Groups;

/// <summary>Reads the topics of a subscription in the "consumer" protocol: version int16, topics [string], user data.</summary>
internal static class ConsumerSubscription
{
    public static bool Names(byte[] metadata, string topic)
    {
        if (metadata.Length == 0)
        {
            return false;
        }
        try
        {
            var reader = new KafkaReader(metadata);
            reader.ReadInt16();
            return reader.ReadStringArray().Contains(topic);
        }
        catch (MalformedRequestException)
        {
            return true; // another protocol's encoding: assume the worst
        }
    }
}
