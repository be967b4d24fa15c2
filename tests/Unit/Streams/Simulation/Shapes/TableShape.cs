using StreamPlatform.Streams;

namespace StreamPlatform.Tests.Unit.Streams.Simulation.Shapes;

/// <summary>Tables whose changes are followed: two of them joined, or one made of a stream. Rows come, change and go.</summary>
internal sealed class TableShape(Scheduler scheduler, Faults faults) : Workload(scheduler, faults)
{
    private enum Kind { Inner, Left, Outer, OfStream }

    private const string Left = "left";
    private const string Right = "right";
    private const string Store = "latest";
    private readonly Kind kind = (Kind)scheduler.Random.Next(4);
    private readonly bool slow = scheduler.Chance(0.3);

    public override string Name => $"Table {kind}{(slow ? " async" : "")}";
    public override IReadOnlyList<string> Topics => kind == Kind.OfStream ? [Input, Output] : [Left, Right, Output];

    protected override void FeedOne(SimBroker broker, int number)
    {
        if (kind == Kind.OfStream) { base.FeedOne(broker, number); return; }
        var side = Scheduler.Chance(0.5) ? Left : Right;
        var value = Scheduler.Chance(0.3) ? null : Scheduler.Chance(0.05) ? $"bad{number}" : $"{number}";
        Append(broker, side, AnyKey(), value);
    }

    protected override void Build(StreamsBuilder builder, Instance instance)
    {
        if (kind == Kind.OfStream)
        {
            var stream = builder.Stream(Input, Text, Text).MapValues(NoPoison);
            if (slow) stream = stream.MapAsync("work", (_, v, _) => Work(instance, v));
            stream.ToTable(Store, Text).MapValues(v => $"{v}!").To(Output, Text, Text);
            return;
        }
        var (left, right) = (builder.Table(Left, Text, new BadRows()), builder.Table(Right, Text, new BadRows()));
        var joined = kind switch
        {
            Kind.Inner => left.Join(right, (a, b) => Row(a, b)!),
            Kind.Left => left.LeftJoin(right, (a, b) => Row(a, b)!),
            _ => left.OuterJoin(right, (a, b) => Row(a, b)!),
        };
        if (slow) joined.ToStream().MapAsync("work", (_, v, _) => Work(instance, v)).To(Output, Text, Text);
        else joined.To(Output, Text, Text);
    }

    private string? Row(string? left, string? right)
    {
        var present = kind switch { Kind.Inner => left is not null && right is not null, Kind.Left => left is not null, _ => left is not null || right is not null };
        return present ? $"{left ?? "-"}+{right ?? "-"}" : null;
    }

    protected override IEnumerable<string?> Problems(SimBroker broker, bool exactly) => kind == Kind.OfStream ? OfStream(broker) : Joined(broker);

    private static IEnumerable<string?> OfStream(SimBroker broker)
    {
        var inputs = Read(broker, Input);
        yield return CompareSets("dead letters", inputs.Where(i => Poison(i.Number)).Select(i => i.Value!), Letters(broker, Input).Select(l => l.Value!));
        var outputs = Read(broker, Output).ToLookup(o => o.Key);
        var good = inputs.Where(i => !Poison(i.Number)).GroupBy(i => i.Key).ToList();
        foreach (var key in good) yield return Compare($"changes of {key.Key}", key.Select(i => $"{i.Value}!"), outputs[key.Key].Select(o => o.Value!));
        yield return Compare("rows", good.OrderBy(k => k.Key).Select(k => $"{k.Key}={k.Last().Value}"), TextState(broker, Store));
    }

    /// <summary>The last thing said of a key is its last row. An outer join says something at every change, of which nothing is said twice.</summary>
    private IEnumerable<string?> Joined(SimBroker broker)
    {
        var (lefts, rights, outputs) = (Read(broker, Left), Read(broker, Right), Read(broker, Output).ToLookup(o => o.Key));
        foreach (var (topic, rows) in new[] { (Left, lefts), (Right, rights) })
            yield return CompareSets($"dead letters of {topic}", rows.Where(r => BadRows.IsBad(r.Value)).Select(r => r.Value!), Letters(broker, topic).Select(l => l.Value!));
        var changes = lefts.Concat(rights).Where(r => !BadRows.IsBad(r.Value)).ToLookup(r => r.Key);
        foreach (var key in changes)
        {
            string? Last(List<Event> rows) => rows.FindLast(r => r.Key == key.Key && !BadRows.IsBad(r.Value)).Value;
            var (wanted, found) = (Row(Last(lefts), Last(rights)), outputs[key.Key].Select(o => o.Value).ToList());
            if (slow ? wanted is not null && found.LastOrDefault() != wanted : found.LastOrDefault() != wanted) yield return $"last row of {key.Key} is {found.LastOrDefault()} instead of {wanted}";
            if (kind == Kind.Outer && !slow && found.Count != key.Count()) yield return $"{found.Count} rows for {key.Count()} changes of {key.Key}";
            if (found.Count > key.Count()) yield return $"{found.Count} rows for {key.Count()} changes of {key.Key}";
        }
    }
}
