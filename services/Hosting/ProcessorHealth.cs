using StreamPlatform.Observability;
using StreamPlatform.Streams;

namespace StreamPlatform.Hosting;

/// <summary>A stream processor is ready when it runs and none of its partitions stands still with work before it.</summary>
public sealed class ProcessorHealth(string name, StreamsApplication application) : IHealthSource
{
    public string Name => name;

    public HealthReport Check()
    {
        var health = application.Health;
        var ready = health.Healthy && health.State == StreamsState.Running;
        return new HealthReport(ready, $"{health.State}, lag {health.Lag}{(health.LastError is { } error ? ", last error: " + error : "")}");
    }
}
