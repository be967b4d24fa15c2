namespace StreamPlatform.Broker.Groups;

/// <summary>Java's String.hashCode without its sign (Utils.abs of Kafka), which places groups and transactional ids on partitions.</summary>
internal static class JavaHash
{
    public static int Of(string text)
    {
        var hash = 0;
        foreach (var unit in text)
        {
            hash = unchecked((31 * hash) + unit);
        }
        return hash & int.MaxValue;
    }
}
