namespace StreamPlatform.Broker.Requests;

/// <summary>Where a configuration value comes from (DescribeConfigsResponse.ConfigSource).</summary>
internal enum ConfigSource : sbyte
{
    Topic = 1,
    StaticBroker = 4,
    Default = 5,
}

/// <summary>Kinds of resources that have a configuration (ConfigResource.Type).</summary>
internal enum ConfigResource : sbyte
{
    Topic = 2,
    Broker = 4,
}
