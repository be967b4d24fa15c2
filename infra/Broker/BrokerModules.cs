using StreamPlatform.Broker.Groups;
using StreamPlatform.Broker.Transactions;

namespace StreamPlatform.Broker;

/// <summary>The coordinators of this broker, in the order they start.</summary>
public static class BrokerModules
{
    public static IReadOnlyList<IBrokerModule> Create(BrokerServices services)
    {
        ArgumentNullException.ThrowIfNull(services);
        var groups = new GroupCoordinator(services);
        // transactions end pending offsets of groups: these are loaded first
        return [groups, new TransactionCoordinator(services, groups)];
    }
}
