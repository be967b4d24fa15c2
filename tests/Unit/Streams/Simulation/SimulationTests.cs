namespace StreamPlatform.Tests.Unit.Streams.Simulation;

/// <summary>
/// The real runtime (owner loop, commit thread, restorer) on a simulated broker, clock and scheduler. STREAMS_SIM_SEED=n repeats one seed with its trace;
/// STREAMS_SIM_COUNT=n runs more of them, from STREAMS_SIM_FROM; STREAMS_SIM_SHAPE=name only those whose shape's name begins so.
/// </summary>
public sealed class SimulationTests(ITestOutputHelper output)
{
    [Fact]
    public void Exactly_once_holds_for_every_seed()
    {
        if (Number("STREAMS_SIM_SEED") is { } only)
        {
            Run(only, trace: true);
            return;
        }
        var from = Number("STREAMS_SIM_FROM") ?? 0;
        var failures = new List<string>();
        Parallel.For(from, from + (Number("STREAMS_SIM_COUNT") ?? 2_000), new ParallelOptions { MaxDegreeOfParallelism = 2 }, (seed, loop) =>
        {
            try { Run(seed, trace: false); }
            catch (ViolationException e)
            {
                lock (failures) failures.Add($"seed {seed}, {new Scenario(seed).Shape}: {e.Message}\nrepeat with: STREAMS_SIM_SEED={seed} dotnet run --project tests/Unit -- -class \"*SimulationTests\" -showLiveOutput");
                lock (failures) if (failures.Count >= 5) loop.Stop();
            }
        });
        Assert.True(failures.Count == 0, string.Join("\n\n", failures));
    }

    [Fact]
    public void A_seed_repeats_its_run()
    {
        string Once(int seed)
        {
            var scenario = new Scenario(seed);
            scenario.Run();
            return scenario.Describe() + "\n" + string.Join("\n", scenario.Scheduler.Trace);
        }
        for (var seed = 0; seed < 20; seed++) Assert.Equal(Once(seed), Once(seed));
    }

    private void Run(int seed, bool trace)
    {
        var scenario = new Scenario(seed);
        if (!scenario.Shape.StartsWith(Environment.GetEnvironmentVariable("STREAMS_SIM_SHAPE") ?? "", StringComparison.Ordinal)) return;
        try { scenario.Run(); }
        finally
        {
            if (trace) output.WriteLine($"seed {seed}: {scenario.Describe()}\n{string.Join("\n", scenario.Scheduler.Trace)}");
        }
    }

    private static int? Number(string name) => int.TryParse(Environment.GetEnvironmentVariable(name), out var value) ? value : null;
}
