using System.Diagnostics;

namespace StreamPlatform.Tests.Faults.Stores;

/// <summary>F1 for the sinks: persistence dies in the middle of its writes, again and again.</summary>
[Collection("Store faults")]
[Trait("Run", "all")]
public sealed class PersistenceKillsTests
{
    private const int Kills = 20;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);

    [Theory]
    [InlineData(StageBroker.Embedded)]
    [InlineData(StageBroker.ApacheKafka)]
    public async Task Every_row_is_there_once_and_right_after_twenty_kills(StageBroker broker)
    {
        await using var postgres = await StorePostgres.StartAsync();
        await using var stage = await SinkStage.StartAsync(sessions: 1_000, framesPerSession: 210, broker);
        string[] stores = ["--postgres", postgres.ConnectionString];
        var random = new Random(20);
        var (inWrite, clock) = (0, Stopwatch.StartNew());
        for (var kill = 0; kill < Kills; kill++)
        {
            await using var persistence = new PersistenceProcess(stage.BootstrapServers, stage.Registry.Url, stores);
            var before = await postgres.EmotionBytesAsync();
            await stage.Load.ProduceAsync(kill, Kills + 1);
            await SinkStage.UntilAsync(async () => await postgres.EmotionBytesAsync() > before, "the process writes", Patience, () => persistence.Log);
            await Task.Delay(random.Next(0, 120));
            await persistence.KillAsync();
            if (await postgres.NumberAsync("SELECT count(*) FROM emotion_observations") < (long)stage.Load.Emotions * (kill + 1) / (Kills + 1)) inWrite++;
        }

        TestContext.Current.TestOutputHelper?.WriteLine($"{Kills} kills in {clock.Elapsed.TotalSeconds:0} s, {inWrite} of them before all that was produced was stored");
        Assert.True(inWrite > Kills / 2, $"only {inWrite} of {Kills} kills came while there was something to write");
        await stage.Load.ProduceAsync(Kills, Kills + 1);
        await using var last = new PersistenceProcess(stage.BootstrapServers, stage.Registry.Url, stores);
        await last.RunningAsync();
        await SinkStage.UntilAsync(last.IsDrainedAsync, "everything is stored", Patience, () => last.Log);
        Assert.Null(await StoredRows.DifferenceAsync(postgres.Database, stage.Load));
    }
}
