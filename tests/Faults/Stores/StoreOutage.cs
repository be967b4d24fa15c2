using System.Diagnostics;
using System.Net;

namespace StreamPlatform.Tests.Faults.Stores;

/// <summary>A store that a test takes away and brings back.</summary>
internal interface IStoreUnderTest : IAsyncDisposable
{
    /// <summary>As /health names it.</summary>
    string Name { get; }

    /// <summary>Arguments by which persistence finds it.</summary>
    IReadOnlyList<string> Arguments { get; }

    /// <summary>SIGKILL, with no goodbye.</summary>
    Task KillAsync();

    /// <summary>On the same data, at the same address.</summary>
    Task StartAgainAsync();

    /// <summary>Emotions stored so far, cheaply.</summary>
    Task<long> EmotionsAsync();

    /// <summary>The first difference between what is stored and what was produced; null when there is none.</summary>
    Task<string?> DifferenceAsync(SinkLoad load);
}

/// <summary>
/// F16: a store is killed under load and stays away for 60 s while records go on coming. /health says which one; when it is back the sinks go on by themselves, and
/// nothing is lost or doubled. One derived class per store.
/// </summary>
[Trait("Run", "all")]
public abstract class StoreOutage
{
    private static readonly TimeSpan Outage = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan SeenWithin = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan DrainedWithin = TimeSpan.FromSeconds(120);

    private protected abstract Task<IStoreUnderTest> StartAsync(SinkStage stage);

    [Fact]
    public Task A_minute_without_it_loses_nothing_and_doubles_nothing() => LosesAndDoublesNothingAsync(StageBroker.Embedded);

    private protected async Task LosesAndDoublesNothingAsync(StageBroker broker)
    {
        await using var stage = await SinkStage.StartAsync(sessions: 500, framesPerSession: 400, broker);
        await using var store = await StartAsync(stage);
        await using var persistence = new PersistenceProcess(stage.BootstrapServers, stage.Registry.Url, [.. store.Arguments]);
        await persistence.RunningAsync();
        Assert.Equal(HttpStatusCode.OK, (await persistence.HealthAsync(store.Name)).Status);

        const int parts = 16;
        var down = Stopwatch.StartNew();
        var producing = stage.Load.ProduceAsync(0, parts);
        await SinkStage.UntilAsync(async () => await store.EmotionsAsync() > 0, "the first rows are stored", DrainedWithin, () => persistence.Log);
        down.Restart();
        await store.KillAsync();
        await producing;
        await SinkStage.UntilAsync(async () => !(await persistence.HealthAsync(store.Name)).Healthy, "/health says that it is down", SeenWithin);
        var seen = down.Elapsed;
        var (status, _, detail) = await persistence.HealthAsync(store.Name);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, status);
        Assert.Contains("down for", detail, StringComparison.Ordinal);

        for (var part = 1; part < parts; part++)
        {
            await stage.Load.ProduceAsync(part, parts);
            if (Outage * part / (parts - 1) - down.Elapsed is var pause && pause > TimeSpan.Zero) await Task.Delay(pause);
        }

        var waiting = stage.Load.Emotions;
        await store.StartAgainAsync();
        var back = Stopwatch.StartNew();
        await SinkStage.UntilAsync(async () => await store.EmotionsAsync() >= waiting && await persistence.IsDrainedAsync(), "the backlog is stored", DrainedWithin, () => persistence.Log);
        TestContext.Current.TestOutputHelper?.WriteLine(
            $"{store.Name}: seen after {seen.TotalSeconds:0.0} s, away for {down.Elapsed.TotalSeconds - back.Elapsed.TotalSeconds:0} s, {waiting:n0} emotions stored {back.Elapsed.TotalSeconds:0.0} s after its return");
        Assert.Null(await store.DifferenceAsync(stage.Load));
        await SinkStage.UntilAsync(async () => (await persistence.HealthAsync(store.Name)).Status == HttpStatusCode.OK, "/health is green again", SeenWithin, () => persistence.Log);
    }
}
