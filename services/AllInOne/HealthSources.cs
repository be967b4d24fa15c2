using StreamPlatform.Gateway.Kafka;
using StreamPlatform.Gateway.Sessions;
using StreamPlatform.Observability;
using StreamPlatform.Streams;

namespace StreamPlatform.AllInOne;

/// <summary>A stream processor is ready when it runs and none of its partitions stands still with work before it.</summary>
internal sealed class ProcessorHealth(string name, StreamsApplication application) : IHealthSource
{
    public string Name => name;

    public HealthReport Check()
    {
        var health = application.Health;
        var ready = health.Healthy && health.State == StreamsState.Running;
        return new HealthReport(ready, $"{health.State}, lag {health.Lag}{(health.LastError is { } error ? ", last error: " + error : "")}");
    }
}

/// <summary>The gateway is ready when it knows the sessions and the schemas.</summary>
internal sealed class GatewayHealth(SessionDirectory directory, SchemaPreparation schemas) : IHealthSource
{
    public string Name => "gateway";

    public HealthReport Check() =>
        !schemas.Prepared.IsCompleted ? new HealthReport(false, "the schema registry has not answered yet")
        : !directory.Loaded.IsCompleted ? new HealthReport(false, "the sessions topic has not been read to its end yet")
        : new HealthReport(true, "ready");
}
