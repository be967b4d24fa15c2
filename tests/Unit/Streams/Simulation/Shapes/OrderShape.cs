using StreamPlatform.Streams;

namespace StreamPlatform.Tests.Unit.Streams.Simulation.Shapes;

/// <summary>Ordering None (any number of a key's records at once, results in order per key) and Partition (one record at a time, results in order over all keys).</summary>
internal sealed class OrderShape(Scheduler scheduler, Faults faults) : Workload(scheduler, faults)
{
    private const string Store = "counts";
    private readonly bool none = scheduler.Chance(0.5);
    private readonly bool counts = scheduler.Chance(0.5);
    private readonly bool several = scheduler.Chance(0.3);

    public override string Name => $"Order {(none ? "None" : counts ? "Partition count" : "Partition")}{(several ? " flat" : "")}";
    public override bool AtLeastOnceToo => true;

    protected override void Build(StreamsBuilder builder, Instance instance)
    {
        builder.Ordering = none ? Ordering.None : Ordering.Partition;
        var stream = builder.Stream(Input, Text, Text).MapValues(NoPoison);
        if (several) stream = stream.FlatMapValues(v => new[] { v, $"-{v}" });
        stream = stream.MapAsync("work", (_, v, _) => Work(instance, v));
        (counts && !none ? Counted(stream, Store) : stream).To(Output, Text, Text);
    }

    protected override IEnumerable<string?> Problems(SimBroker broker, bool exactly)
    {
        var inputs = Read(broker, Input);
        yield return CompareSets("dead letters", inputs.Where(i => Poison(i.Number)).Select(i => i.Value!), Letters(broker, Input).Select(l => l.Value!), exactly);
        Func<Event, string> scope = none ? e => e.Key : e => $"partition {e.Partition}";
        var outputs = Read(broker, Output).ToLookup(scope);
        var seen = new Dictionary<string, int>();
        string Result(Event e, string value)
        {
            if (none || !counts || !exactly) return value; // at least once a count may count twice
            seen[e.Key] = seen.GetValueOrDefault(e.Key) + 1;
            return $"{value}:{seen[e.Key]}";
        }
        foreach (var part in inputs.Where(i => !Poison(i.Number)).GroupBy(scope))
        {
            var wanted = part.SelectMany(e => several ? new[] { Result(e, e.Value!), Result(e, $"-{e.Value}") } : [Result(e, e.Value!)]);
            yield return Compare($"outputs of {part.Key}", wanted, outputs[part.Key].Select(o => exactly ? o.Value! : o.Value!.Split(':')[0]), exactly);
        }
        if (exactly && counts && !none) yield return Compare("state", seen.OrderBy(s => s.Key).Select(s => $"{s.Key}={s.Value}"), TextState(broker, Store));
    }
}
