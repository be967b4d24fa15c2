using System.Diagnostics;

namespace StreamPlatform.Tests.Conformance.Broker;

/// <summary>Apache Kafka, the judge: one node, started once for the class.</summary>
public sealed class ApacheKafkaFixture : IBrokerUnderTest, IAsyncLifetime
{
    // shorter than Kafka's defaults so that time-outs can be tested; the embedded broker's fixture uses the same numbers
    private const string Properties = """
        group.min.session.timeout.ms=500
        transaction.abort.timed.out.transaction.cleanup.interval.ms=500
        group.consumer.min.session.timeout.ms=1000
        group.consumer.session.timeout.ms=6000
        group.consumer.min.heartbeat.interval.ms=500
        group.consumer.heartbeat.interval.ms=1000
        """;

    private readonly string data = Path.Combine(Path.GetTempPath(), "conformance-kafka-" + Guid.NewGuid().ToString("N"));
    private readonly int port = Engines.FreePortPair();
    private readonly string? script;

    public ApacheKafkaFixture()
    {
        (script, var reason) = Engines.Kafka();
        SkipReason = script is null ? reason : null;
    }

    public string BootstrapServers => $"127.0.0.1:{port}";

    public string? SkipReason { get; }

    public async ValueTask InitializeAsync()
    {
        if (script is not null)
        {
            Directory.CreateDirectory(data);
            await File.WriteAllTextAsync(Path.Combine(data, "extra.properties"), Properties);
            await RunAsync("start");
        }
    }

    public async Task RestartAsync()
    {
        await RunAsync("stop");
        await RunAsync("start");
    }

    public async Task CrashAndRestartAsync()
    {
        await RunAsync("kill");
        await RunAsync("start");
    }

    public async ValueTask DisposeAsync()
    {
        if (script is not null)
        {
            await RunAsync("kill");
            Directory.Delete(data, recursive: true);
        }
    }

    private async Task RunAsync(string command)
    {
        var start = new ProcessStartInfo(script!, [command, data, $"{port}"]) { RedirectStandardError = true, RedirectStandardOutput = true };
        start.Environment["KAFKA_PROPS"] = Path.Combine(data, "extra.properties");
        start.Environment["KAFKA_HEAP"] = "512m";
        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync();
        await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"kafka {command} failed: {await error}");
        }
    }
}
