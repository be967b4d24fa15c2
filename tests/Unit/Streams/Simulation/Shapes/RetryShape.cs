using StreamPlatform.Streams;

namespace StreamPlatform.Tests.Unit.Streams.Simulation.Shapes;

/// <summary>A step that defers: some records a few times, some always, which end as dead letters with their attempts. With and without the order of keys, with and without a count.
/// Impatient: a record that holds its key too long is given up to the retry topics, too.</summary>
internal sealed class RetryShape : Workload
{
    private const string Store = "counts";
    private const int MaxRetries = 6;
    private const int MaxFailures = 4;
    private readonly bool ordered;
    private readonly bool counts;
    private readonly bool slow;
    private readonly int maxQueued, maxBlockedMs;
    private readonly RetryTopics retry;
    private readonly Dictionary<int, int> failures = [];

    public RetryShape(Scheduler scheduler, Faults faults) : base(scheduler, faults)
    {
        (ordered, counts, slow) = (scheduler.Chance(0.7), scheduler.Chance(0.5), scheduler.Chance(0.6));
        var delays = Enumerable.Range(0, scheduler.Between(1, 3)).Select(i => TimeSpan.FromMilliseconds((i + 1) * scheduler.Between(20, 800))).Distinct().ToArray();
        if (slow && scheduler.Chance(0.4)) (maxQueued, maxBlockedMs) = scheduler.Chance(0.5) ? (scheduler.Between(2, 6), 0) : (0, scheduler.Between(20, 200));
        retry = RetryTopics.After(delays).AtMost(Impatient ? 100_000 : MaxRetries);
        if (!ordered) retry = retry.Unordered();
    }

    public override string Name => $"Retry {string.Join("/", retry.Delays.Select(d => d.TotalMilliseconds))}{(ordered ? "" : " unordered")}{(counts ? " count" : "")}{(slow ? " async" : "")}{(Impatient ? $" at most {maxQueued} behind, {maxBlockedMs} ms" : "")}";
    private bool Impatient => maxQueued + maxBlockedMs > 0;

    public override void Configure(StreamsOptions options) => (options.MaxQueuedPerKey, options.MaxBlockedMs) = (maxQueued, maxBlockedMs);

    protected override void Build(StreamsBuilder builder, Instance instance)
    {
        var stream = builder.Stream(Input, Text, Text, retry);
        stream = slow
            ? stream.MapAsync("fragile", async (_, v, _) =>
            {
                await Pass(instance, Impatient && Scheduler.Chance(0.1) ? 300 : Scheduler.Between(0, Faults.StepMaxMs)).ConfigureAwait(false);
                return Fragile(v);
            })
            : stream.MapValues(Fragile);
        (counts ? Counted(stream, Store) : stream).To(Output, Text, Text);
    }

    private bool Hopeless(int number) => !Impatient && number % 13 == 4; // how often an impatient one has tried, nobody knows
    private static bool Weak(int number) => number % 5 == 3;

    private string Fragile(string value)
    {
        var number = int.Parse(value);
        if (Poison(number)) throw new PoisonException("unlucky");
        if (Hopeless(number)) throw new DeferredException("never");
        if (!Weak(number) || failures.GetValueOrDefault(number) >= MaxFailures || Scheduler.Chance(0.3)) return value;
        failures[number] = failures.GetValueOrDefault(number) + 1;
        throw new DeferredException("not now");
    }

    /// <summary>Every record once, as a result or as a dead letter; in the order of its key, if that is kept; no key left parked.</summary>
    protected override IEnumerable<string?> Problems(SimBroker broker, bool exactly)
    {
        var inputs = Read(broker, Input);
        var lost = inputs.FindAll(i => Poison(i.Number) || Hopeless(i.Number));
        var letters = Letters(broker, Input);
        yield return CompareSets("dead letters", lost.Select(i => i.Value!), letters.Select(l => l.Value!));
        foreach (var letter in letters.Where(l => !Poison(l.Number)))
        {
            var source = inputs.Find(i => i.Value == letter.Value);
            var says = $"{letter.Headers.LastUtf8("dlq.topic")} {letter.Headers.LastUtf8("dlq.partition")} {letter.Headers.LastUtf8("dlq.offset")}, {letter.Headers.LastUtf8("dlq.attempts")} attempts";
            if (says != $"{Input} {source.Partition} {source.Offset}, {MaxRetries + 1} attempts") yield return $"the dead letter of {source} says {says}";
        }
        var outputs = Read(broker, Output).ToLookup(o => o.Key);
        var good = inputs.Except(lost).GroupBy(i => i.Key).ToList();
        foreach (var key in good)
        {
            var found = outputs[key.Key].Select(o => o.Value!.Split(':')).ToList();
            var (wanted, values) = (key.Select(i => i.Value!), found.Select(f => f[0]));
            yield return ordered ? Compare($"outputs of {key.Key}", wanted, values) : CompareSets($"outputs of {key.Key}", wanted, values);
            if (counts) yield return Compare($"counts of {key.Key}", Enumerable.Range(1, key.Count()).Select(n => $"{n}"), found.Select(f => f[1]));
        }
        if (counts) yield return Compare("state", good.OrderBy(g => g.Key).Select(g => $"{g.Key}={g.Count()}"), TextState(broker, Store));
        if (ordered) yield return Compare("parked keys", [], State(broker, $"{Input}.retry").Select(s => s.Key));
    }
}
