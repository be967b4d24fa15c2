namespace StreamPlatform.Broker;

/// <summary>The coordinators of this broker, in the order they start.</summary>
public static class BrokerModules
{
    public static IReadOnlyList<IBrokerModule> Create(BrokerServices services)
    {
        ArgumentNullException.ThrowIfNull(services);
        return [];
    }
}
