using System.Diagnostics;
using StreamPlatform.Tests.Faults.Broker;

namespace StreamPlatform.Tests.Faults.Stores;

/// <summary>What a test of the sinks runs on: Kafka and registry in processes of their own, and what is produced to them.</summary>
internal sealed class SinkStage : IAsyncDisposable
{
    private readonly BrokerProcess broker = new();

    public StoreRegistry Registry { get; private set; } = null!;

    public SinkLoad Load { get; private set; } = null!;

    public string BootstrapServers => broker.BootstrapServers;

    public static async Task<SinkStage> StartAsync(int sessions, int framesPerSession)
    {
        var stage = new SinkStage();
        try
        {
            await stage.broker.StartAsync();
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
        await broker.DisposeAsync();
    }
}
