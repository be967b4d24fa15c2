using StreamPlatform.Streams;

namespace StreamPlatform.Tests.Unit.Streams.Simulation.Shapes;

/// <summary>Two sub-topologies: a new key, a repartition topic, a count per new key; poison in either part.</summary>
internal sealed class RepartitionShape(Scheduler scheduler, Faults faults) : Workload(scheduler, faults)
{
    private const string Through = "by-group";
    private const string Store = "groups";
    private readonly int groups = scheduler.Between(1, 4);
    private readonly int? partitions = scheduler.Chance(0.5) ? scheduler.Between(1, 5) : null;
    private readonly bool slowBefore = scheduler.Chance(0.5);
    private readonly bool slowAfter = scheduler.Chance(0.5);
    private readonly bool stateBefore = scheduler.Chance(0.3);

    public override string Name => $"Repartition to {groups} groups, {partitions} partitions{(slowBefore ? ", async before" : "")}{(slowAfter ? ", async after" : "")}{(stateBefore ? ", state before" : "")}";

    public override void Configure(StreamsOptions options) => options.PurgeIntervalMs = 1_000;

    protected override void Build(StreamsBuilder builder, Instance instance)
    {
        var stream = builder.Stream(Input, Text, Text).MapValues(NoPoison);
        if (stateBefore) stream = Counted(stream, "keys").MapValues(v => v.Split(':')[0]);
        if (slowBefore) stream = stream.MapAsync("before", (_, v, _) => Work(instance, v));
        var grouped = stream.SelectKey((_, v) => GroupOf(int.Parse(v))).Repartition(Through, Text, Text, partitions)
            .MapValues(v => LatePoison(int.Parse(v)) ? throw new PoisonException("unlucky, later") : v);
        if (slowAfter) grouped = grouped.MapAsync("after", (_, v, _) => Work(instance, v));
        Counted(grouped, Store).To(Output, Text, Text);
    }

    private string GroupOf(int number) => $"g{number % groups}";
    private static bool LatePoison(int number) => number % 19 == 7;

    /// <summary>Per group every record once, counted without a gap; those of one key in their order.</summary>
    protected override IEnumerable<string?> Problems(SimBroker broker, bool exactly)
    {
        var inputs = Read(broker, Input);
        var passed = inputs.FindAll(i => !Poison(i.Number));
        yield return CompareSets("dead letters", inputs.Except(passed).Select(i => i.Value!), Letters(broker, Input).Select(l => l.Value!));
        yield return CompareSets("later dead letters", passed.Where(i => LatePoison(i.Number)).Select(i => i.Value!),
            Letters(broker, StreamPlatform.Streams.Topology.RepartitionTopicOf(Application, Through)).Select(l => l.Value!));
        var good = passed.FindAll(i => !LatePoison(i.Number));
        var outputs = Read(broker, Output).ToLookup(o => o.Key);
        foreach (var group in good.GroupBy(i => GroupOf(i.Number)))
        {
            var found = outputs[group.Key].Select(o => o.Value!.Split(':')).ToList();
            yield return CompareSets($"events of {group.Key}", group.Select(i => i.Value!), found.Select(f => f[0]));
            yield return Compare($"counts of {group.Key}", Enumerable.Range(1, group.Count()).Select(n => $"{n}"), found.Select(f => f[1]));
            foreach (var key in group.GroupBy(i => i.Key))
                yield return Compare($"events of {key.Key} in {group.Key}", key.Select(i => i.Value!), found.Select(f => f[0]).Where(v => key.Any(i => i.Value == v)));
        }
        yield return Compare("state", good.GroupBy(i => GroupOf(i.Number)).OrderBy(g => g.Key).Select(g => $"{g.Key}={g.Count()}"), TextState(broker, Store));
        if (stateBefore) yield return Compare("state before", passed.GroupBy(i => i.Key).OrderBy(g => g.Key).Select(g => $"{g.Key}={g.Count()}"), TextState(broker, "keys"));
    }
}
