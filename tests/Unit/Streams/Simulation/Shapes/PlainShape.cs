using StreamPlatform.Streams;

namespace StreamPlatform.Tests.Unit.Streams.Simulation.Shapes;

/// <summary>One input, one output, with and without a count and an asynchronous step.</summary>
internal sealed class PlainShape(Scheduler scheduler, Faults faults) : Workload(scheduler, faults)
{
    private enum Kind { AsyncThenCount, CountThenAsync, Count, Map, AsyncMap, AsyncFlatMap }

    private const string Store = "counts";
    private readonly Kind kind = (Kind)scheduler.Random.Next(6);

    public override string Name => $"Plain {kind}";
    public override bool AtLeastOnceToo => true;
    private bool Counts => kind is Kind.AsyncThenCount or Kind.CountThenAsync or Kind.Count;

    protected override void Build(StreamsBuilder builder, Instance instance)
    {
        var source = builder.Stream(Input, Text, Text).MapValues(NoPoison);
        var end = kind switch
        {
            Kind.AsyncThenCount => Counted(source.MapAsync("work", (_, v, _) => Work(instance, v)), Store),
            Kind.CountThenAsync => Counted(source, Store).MapAsync("work", (_, v, _) => Work(instance, v)),
            Kind.Count => Counted(source, Store),
            Kind.Map => source,
            Kind.AsyncMap => source.MapAsync("work", (_, v, _) => Work(instance, v)),
            _ => source.FlatMapValues(v => new[] { v + "a", v + "b" }).MapAsync("work", (_, v, _) => Work(instance, v)),
        };
        end.To(Output, Text, Text);
    }

    /// <summary>Per key: none lost, none twice, order kept, state as the model's.</summary>
    protected override IEnumerable<string?> Problems(SimBroker broker, bool exactly)
    {
        var inputs = Read(broker, Input);
        yield return CompareSets("dead letters", inputs.Where(i => Poison(i.Number)).Select(i => i.Value!), Letters(broker, Input).Select(l => l.Value!), exactly);
        var outputs = Read(broker, Output).ToLookup(o => o.Key);
        foreach (var key in inputs.GroupBy(i => i.Key))
        {
            var good = key.Where(i => !Poison(i.Number)).Select(i => i.Value!).ToList();
            var wanted = Counts ? good.Select((v, i) => $"{v}:{i + 1}") : kind == Kind.AsyncFlatMap ? good.SelectMany(v => new[] { v + "a", v + "b" }) : good;
            var found = outputs[key.Key].Select(o => o.Value!);
            if (!exactly && Counts) (wanted, found) = (good, found.Select(f => f.Split(':')[0])); // a count may count twice
            yield return Compare($"outputs of {key.Key}", wanted, found, exactly);
        }
        if (Counts && exactly)
            yield return Compare("state", inputs.Where(i => !Poison(i.Number)).GroupBy(i => i.Key).OrderBy(g => g.Key).Select(g => $"{g.Key}={g.Count()}"), TextState(broker, Store));
    }
}
