using StreamPlatform.Streams;

namespace StreamPlatform.Tests.Unit.Streams.Simulation.Shapes;

/// <summary>
/// A stream joined with a table, rows changing meanwhile; with followers, the table's changes go to an output of their own. By key number modulo 3: a row there from the start and only changed;
/// one that comes and goes; none ever. Some rows cannot be read.
/// </summary>
internal sealed class StreamTableShape(Scheduler scheduler, Faults faults) : Workload(scheduler, faults)
{
    private const string Rows = "rows";
    private const string Changes = "changes";
    private const string None = "-";
    private readonly bool inner = scheduler.Chance(0.4);
    private readonly bool followed = scheduler.Chance(0.5);
    private readonly bool slow = scheduler.Chance(0.5);

    public override string Name => $"StreamTable {(inner ? "inner" : "left")}{(followed ? " followed" : "")}{(slow ? " async" : "")}";
    public override IReadOnlyList<string> Topics => [Input, Output, Rows, Changes];

    private static int ClassOf(string key) => int.Parse(key[1..]) % 3;

    public override void Prepare(SimBroker broker)
    {
        for (var k = 0; k < Keys; k++)
            if (ClassOf($"k{k}") == 0) Append(broker, Rows, $"k{k}", "0");
    }

    protected override void FeedOne(SimBroker broker, int number)
    {
        var key = AnyKey();
        if (Scheduler.Chance(0.6)) Append(broker, Input, key, $"{number}");
        else if (Scheduler.Chance(0.1)) Append(broker, Rows, key, $"bad{number}");
        else if (ClassOf(key) < 2) Append(broker, Rows, key, ClassOf(key) == 1 && Scheduler.Chance(0.4) ? null : $"{number}");
    }

    protected override void Build(StreamsBuilder builder, Instance instance)
    {
        var rows = builder.Table(Rows, Text, new BadRows());
        var stream = builder.Stream(Input, Text, Text).MapValues(NoPoison);
        if (slow) stream = stream.MapAsync("work", (_, v, _) => Work(instance, v));
        var joined = inner ? stream.Join(rows, (v, row) => $"{v}|{row}") : stream.LeftJoin(rows, (v, row) => $"{v}|{row ?? None}");
        joined.To(Output, Text, Text);
        if (followed) rows.ToStream().To(Changes, Text, Text);
    }

    /// <summary>Every record once and in order, with a row that was there; a key's rows never go back, because whoever reads a table reads it to its end first.</summary>
    protected override IEnumerable<string?> Problems(SimBroker broker, bool exactly)
    {
        var (inputs, rows) = (Read(broker, Input), Read(broker, Rows));
        yield return CompareSets("dead letters", inputs.Where(i => Poison(i.Number)).Select(i => i.Value!), Letters(broker, Input).Select(l => l.Value!));
        yield return CompareSets("dead letters of rows", rows.Where(r => BadRows.IsBad(r.Value)).Select(r => r.Value!), Letters(broker, Rows).Select(l => l.Value!));
        var outputs = Read(broker, Output).ToLookup(o => o.Key);
        var changes = Read(broker, Changes).ToLookup(o => o.Key);
        foreach (var key in inputs.Concat(rows).Select(i => i.Key).Distinct().Order())
        {
            var good = inputs.Where(i => i.Key == key && !Poison(i.Number)).Select(i => i.Value!).ToList();
            var versions = rows.Where(r => r.Key == key && r.Value is not null && !BadRows.IsBad(r.Value)).Select(r => r.Value!).ToList();
            var found = outputs[key].Select(o => o.Value!.Split('|')).ToList();
            var order = found.Select(f => f[0]).ToList();
            if (ClassOf(key) == 1 && inner)
                yield return order.Except(good).Any() || !order.SequenceEqual(order.Select(int.Parse).Distinct().Order().Select(n => $"{n}")) ? $"joined of {key}: {string.Join(" ", order)}" : null;
            else yield return Compare($"joined of {key}", ClassOf(key) == 2 && inner ? [] : good, order);
            var met = found.Select(f => f[1]).ToList();
            if (met.Exists(m => m == None ? ClassOf(key) == 0 : !versions.Contains(m))) yield return $"rows met by {key}: {string.Join(" ", met)} of {string.Join(" ", versions)}";
            var numbers = met.Where(m => m != None).Select(int.Parse).ToList();
            if (!numbers.SequenceEqual(numbers.Order())) yield return $"rows met by {key} go back: {string.Join(" ", met)}";
            if (followed) yield return Compare($"changes of {key}", versions, changes[key].Select(c => c.Value!));
        }
    }
}
