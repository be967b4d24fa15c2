using System.Diagnostics;
using StreamPlatform.Tests.Conformance.Broker;
using StreamPlatform.Tests.Faults.Broker;

namespace StreamPlatform.Tests.Faults.Streams;

/// <summary>The stream runtime under faults, in processes of its own, on a broker that stays up.</summary>
public abstract partial class StreamsFaults
{
    private static readonly TimeSpan ResumesWithin = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan SettlesWithin = TimeSpan.FromSeconds(10);
    private readonly string bootstrapServers;

    protected StreamsFaults(string bootstrapServers, string? skipReason)
    {
        if (skipReason is not null) Assert.Skip(skipReason);
        this.bootstrapServers = bootstrapServers;
    }

    /// <summary>F1: 20 kills -9 in the middle of transactions; without and with asynchronous steps that finish out of order, so that finished offsets beyond the base are committed at every kill.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(20)]
    public async Task Counts_are_exact_over_twenty_kills(int stepMs)
    {
        const int kills = 20;
        await using var events = await NumberedEvents.CreateAsync(bootstrapServers);
        events.Allow(0);
        events.Feed(TimeSpan.FromSeconds(45));
        var random = new Random(1);
        var beyond = new List<int>();
        ProgressWatch? progress = null;
        for (var kill = 0; kill < kills; kill++)
        {
            events.Allow(events.Total / (kills + 1) * (kill + 1));
            await using var host = new HostProcess(events, slot: 0, stepMs);
            await events.UntilAsync(() => host.Committed > 0 || host.Ended, "the first commit after a kill", ResumesWithin);
            Assert.False(host.Ended, string.Join('\n', host.Refusals));
            await Task.Delay(random.Next(0, 700));
            await host.KillAsync();
            if (stepMs == 0) continue;
            progress ??= new ProgressWatch(events);
            beyond.Add(progress.FinishedBeyond());
        }
        progress?.Dispose();
        if (stepMs > 0) TestContext.Current.TestOutputHelper?.WriteLine($"finished beyond the base at each kill: {string.Join(' ', beyond)}");
        Assert.All(beyond, finished => Assert.True(finished > 0, $"nothing was finished beyond the base at a kill: {string.Join(' ', beyond)}"));
        Assert.True(events.Checked < events.Total, "the kills came too late");
        events.Allow(events.Total);
        await using var last = new HostProcess(events, slot: 0, stepMs);
        await events.AssertCompleteAsync();
    }

    /// <summary>F6: an instance is stopped, its twin takes over, it goes on: whatever it still wants to commit is refused.</summary>
    [Theory]
    [InlineData(1)] // the twin has a slot of its own and gets the partitions when the session has run out
    [InlineData(0)] // the twin comes in the same slot, as after a restart elsewhere
    public async Task A_zombies_commits_are_fenced(int twinSlot)
    {
        await using var events = await NumberedEvents.CreateAsync(bootstrapServers);
        events.Feed(TimeSpan.FromSeconds(30));
        await using var zombie = new HostProcess(events, slot: 0, stepMs: 20);
        await events.UntilAsync(() => zombie.Committed > 1_000, "the instance works");
        zombie.Stop();
        await using var twin = new HostProcess(events, twinSlot, stepMs: 20);
        var before = events.Checked;
        await events.UntilAsync(() => twin.Partitions == 8 && twin.Committed > 1_000 && events.Checked > before, "its twin took over", ResumesWithin);
        zombie.Continue();
        await events.UntilAsync(() => zombie.Refusals.Count > 0 || zombie.Ended, "the zombie's commit is refused");
        if (twinSlot == zombie.Slot) await zombie.KillAsync(); // two of one slot would fence each other for ever
        await events.AssertCompleteAsync();
    }

    /// <summary>F8: 20 joins and kills within 60 s, without and with asynchronous steps; 10 s after the last, every instance runs and has its share.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(20)]
    public async Task Counts_are_exact_over_a_rebalance_storm_and_the_group_settles(int stepMs)
    {
        await using var events = await NumberedEvents.CreateAsync(bootstrapServers);
        events.Feed(TimeSpan.FromSeconds(60));
        var hosts = new List<HostProcess> { new(events, 0, stepMs) };
        try
        {
            await events.UntilAsync(() => hosts[0].Committed > 0, "the first instance works");
            var random = new Random(8);
            var clock = Stopwatch.StartNew();
            for (var i = 1; i <= 20; i++)
            {
                var free = Enumerable.Range(1, 3).Where(slot => hosts.All(h => h.Slot != slot)).ToList();
                if (free.Count > 0 && (hosts.Count == 1 || random.Next(2) == 0)) hosts.Add(new HostProcess(events, free[random.Next(free.Count)], stepMs));
                else
                {
                    var victim = hosts[random.Next(1, hosts.Count)];
                    hosts.Remove(victim);
                    await victim.DisposeAsync();
                }
                var pause = TimeSpan.FromSeconds(3 * i) - clock.Elapsed;
                if (i < 20 && pause > TimeSpan.Zero) await Task.Delay(pause);
            }
            clock.Restart();
            await events.UntilAsync(() => hosts.All(h => h.State == "Running" && h.Partitions >= 8 / hosts.Count && h.Partitions <= (7 + hosts.Count) / hosts.Count) && hosts.Sum(h => h.Partitions) == 8,
                "the group settled", SettlesWithin);
            TestContext.Current.TestOutputHelper?.WriteLine($"{hosts.Count} instances settled {clock.ElapsedMilliseconds} ms after the last of 20 joins and kills");
            await events.AssertCompleteAsync();
        }
        finally
        {
            foreach (var host in hosts) await host.DisposeAsync();
        }
    }
}

/// <summary>On Apache Kafka, the judge. One class at a time: the times that are asserted are those of a machine that does nothing else.</summary>
[Collection("Streams faults")]
public sealed class StreamsFaultsOnApacheKafka(ApacheKafkaFixture kafka) : StreamsFaults(kafka.BootstrapServers, kafka.SkipReason), IClassFixture<ApacheKafkaFixture>;

/// <summary>On the embedded broker.</summary>
[Collection("Streams faults")]
public sealed class StreamsFaultsOnEmbeddedBroker(EmbeddedBroker embedded) : StreamsFaults(embedded.BootstrapServers, null), IClassFixture<EmbeddedBroker>;

/// <summary>One embedded broker for a class.</summary>
public sealed class EmbeddedBroker : IAsyncLifetime
{
    private readonly BrokerProcess broker = new();
    public string BootstrapServers => broker.BootstrapServers;
    public async ValueTask InitializeAsync() => await broker.StartAsync();
    public ValueTask DisposeAsync() => broker.DisposeAsync();
}
