using System.Diagnostics;
using StreamPlatform.Tests.EndToEnd.Support;
using StreamPlatform.Tests.Faults.Broker;

namespace StreamPlatform.Tests.Faults.Stores;

/// <summary>Whose Kafka a test of the sinks runs on.</summary>
public enum StageBroker
{
    Embedded,
    ApacheKafka,
}

/// <summary>What a test of the sinks runs on: Kafka and registry in processes of their own, and what is produced to them.</summary>
internal sealed class SinkStage : IAsyncDisposable
{
    private IAsyncDisposable? broker;

    public StoreRegistry Registry { get; private set; } = null!;

    public SinkLoad Load { get; private set; } = null!;

    public string BootstrapServers { get; private set; } = "";

    /// <summary>Skips the test where its Kafka is missing.</summary>
    public static async Task<SinkStage> StartAsync(int sessions, int framesPerSession, StageBroker broker = StageBroker.Embedded)
    {
        var stage = new SinkStage();
        try
        {
            await stage.StartBrokerAsync(broker);
            stage.Registry = new StoreRegistry(stage.BootstrapServers);
            await stage.Registry.StartAsync();
            stage.Load = new SinkLoad(stage.BootstrapServers, stage.Registry.Url, sessions, framesPerSession);
            await stage.Load.PrepareAsync();
            return stage;
        }
        catch
        {
            await stage.DisposeAsync();
            throw;
        }
    }

    /// <summary>Polls a condition.</summary>
    public static async Task UntilAsync(Func<Task<bool>> condition, string what, TimeSpan patience, Func<string>? more = null)
    {
        var clock = Stopwatch.StartNew();
        while (!await condition())
        {
            Assert.True(clock.Elapsed < patience, $"not within {patience}: {what}\n{more?.Invoke()}");
            await Task.Delay(20);
        }
    }

    public async ValueTask DisposeAsync()
    {
        Load?.Dispose();
        if (Registry is not null) await Registry.DisposeAsync();
        if (broker is not null) await broker.DisposeAsync();
    }

    private async Task StartBrokerAsync(StageBroker wanted)
    {
        if (wanted == StageBroker.ApacheKafka)
        {
            var kafka = await ApacheKafka.StartAsync();
            (broker, BootstrapServers) = (kafka, kafka.BootstrapServers);
            return;
        }

        var embedded = new BrokerProcess();
        (broker, BootstrapServers) = (embedded, embedded.BootstrapServers);
        await embedded.StartAsync();
    }
}
