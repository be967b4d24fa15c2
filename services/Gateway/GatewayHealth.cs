using StreamPlatform.Gateway.Kafka;
using StreamPlatform.Gateway.Sessions;
using StreamPlatform.Observability;

namespace StreamPlatform.Gateway;

/// <summary>The gateway is ready when it knows the sessions and the schemas.</summary>
internal sealed class GatewayHealth(SessionDirectory directory, SchemaPreparation schemas) : IHealthSource
{
    public string Name => "gateway";

    public HealthReport Check() =>
        !schemas.Prepared.IsCompleted ? new HealthReport(false, "the schema registry has not answered yet: check that it is reachable")
        : !directory.Loaded.IsCompleted ? new HealthReport(false, "the sessions topic has not been read to its end yet: check that Kafka is reachable")
        : new HealthReport(true, "ready");
}
