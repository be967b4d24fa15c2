using StreamPlatform.Streams;

namespace StreamPlatform.Tests.Unit.Streams.Simulation.Shapes;

/// <summary>A sink that may write and fail, with rows under the record's id: however often a record comes, it must come as the same row.</summary>
internal sealed class SinkShape(Scheduler scheduler, Faults faults) : Workload(scheduler, faults)
{
    private const string Counts = "counts";
    private readonly bool counts = scheduler.Chance(0.5);
    private readonly bool slow = scheduler.Chance(0.5);
    private readonly bool alsoOut = scheduler.Chance(0.4);
    private readonly SinkOptions options = new() { MaxRecords = scheduler.Between(1, 20), LingerMs = scheduler.Between(0, 60), MaxConcurrentWrites = scheduler.Between(1, 4) };
    private readonly Dictionary<string, string> rows = [];
    private readonly HashSet<(Instance, int Partition)> underWay = [];
    private string? wrong;

    public override string Name => $"Sink of {options.MaxRecords}, {options.LingerMs} ms, {options.MaxConcurrentWrites} at once{(counts ? " count" : "")}{(slow ? " async" : "")}{(alsoOut ? " and a topic" : "")}";
    public override bool AtLeastOnceToo => !counts;

    protected override void Build(StreamsBuilder builder, Instance instance)
    {
        var stream = builder.Stream(Input, Text, Text);
        if (slow) stream = stream.MapAsync("work", (_, v, _) => Work(instance, v));
        if (counts) stream = Counted(stream, Counts);
        if (alsoOut) stream.To(Output, Text, Text);
        stream.ToSink("db", (batch, _) => Write(instance, batch), options);
    }

    private static int NumberOf(string value) => int.Parse(value.Split(':')[0]);

    private async Task Write(Instance instance, IReadOnlyList<SinkRecord<string, string>> batch)
    {
        if (batch.GroupBy(r => r.Partition).Any(p => !p.Select(r => r.Offset).SequenceEqual(p.Select(r => r.Offset).Distinct().Order()))) wrong ??= $"a batch out of order: {string.Join(" ", batch.Select(r => $"{r.Partition}/{r.Offset}"))}";
        var partitions = batch.Select(r => (instance, r.Partition)).Distinct().ToList();
        foreach (var partition in partitions)
            if (!underWay.Add(partition)) wrong ??= $"partition {partition.Partition} is in two writes at once";
        try { await Store(instance, batch).ConfigureAwait(false); }
        finally { underWay.ExceptWith(partitions); }
    }

    private async Task Store(Instance instance, IReadOnlyList<SinkRecord<string, string>> batch)
    {
        await Pass(instance, Scheduler.Between(0, Faults.StepMaxMs)).ConfigureAwait(false);
        if (Scheduler.Chance(Faults.StepTransient)) throw new TransientException("down before the write");
        if (batch.Any(r => Poison(NumberOf(r.Value)))) throw new PoisonException("unlucky");
        var failAt = Scheduler.Chance(Faults.StepTransient) ? Scheduler.Random.Next(batch.Count + 1) : -1;
        for (var i = 0; i < batch.Count; i++)
        {
            if (i == failAt) throw new TransientException("down in the middle of the write");
            var (id, row) = (batch[i].IdempotencyKey, $"{batch[i].Key} {batch[i].Partition}/{batch[i].Offset} {batch[i].Value}");
            if (rows.TryGetValue(id, out var before) && before != row) wrong ??= $"{id} is {row} and was {before}";
            rows[id] = row;
        }
        if (failAt == batch.Count) throw new TransientException("down after the write");
    }

    protected override IEnumerable<string?> Problems(SimBroker broker, bool exactly)
    {
        yield return wrong;
        var inputs = Read(broker, Input);
        var good = inputs.FindAll(i => !Poison(i.Number));
        yield return CompareSets("dead letters", inputs.Except(good).Select(i => i.Value!), Letters(broker, Input).Select(l => l.Value!), exactly);
        var wanted = good.GroupBy(i => i.Key).SelectMany(k => k.Select((e, i) => (Event: e, Result: counts ? $"{e.Value}:{i + 1}" : e.Value!))).ToList();
        yield return CompareSets("rows", wanted.Select(w => $"{w.Event.Key} {w.Event.Partition}/{w.Event.Offset} {w.Result}"), rows.Values);
        if (alsoOut)
        {
            var outputs = Read(broker, Output).ToLookup(o => o.Key);
            foreach (var key in wanted.GroupBy(w => w.Event.Key)) yield return Compare($"outputs of {key.Key}", key.Select(w => w.Result), outputs[key.Key].Select(o => o.Value!), exactly);
        }
        if (counts) yield return Compare("state", good.GroupBy(i => i.Key).OrderBy(g => g.Key).Select(g => $"{g.Key}={g.Count()}"), TextState(broker, Counts));
    }
}
