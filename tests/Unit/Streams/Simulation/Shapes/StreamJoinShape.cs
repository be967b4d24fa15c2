using StreamPlatform.Streams;

namespace StreamPlatform.Tests.Unit.Streams.Simulation.Shapes;

/// <summary>
/// Two streams joined in windows, in which order they are read being anybody's guess. With a grace that holds everything back, every pair and every single must come out, once; with a short one, what nothing made late
/// must, what is late may, and nothing may twice.
/// </summary>
internal sealed class StreamJoinShape : Workload
{
    private enum Kind { Inner, Left, Outer }

    private const string Left = "left";
    private const string Right = "right";
    private const string Store = "held";
    private const int StartMs = 1_000_000;
    private const int AmpleMs = 1_000_000;
    private readonly Kind kind;
    private readonly WindowClock clock;
    private readonly SteadyKeys steady;
    private readonly bool slow;
    private readonly int beforeMs, afterMs, graceMs;

    public StreamJoinShape(Scheduler scheduler, Faults faults) : base(scheduler, faults)
    {
        kind = (Kind)scheduler.Random.Next(3);
        clock = scheduler.Chance(0.5) ? WindowClock.Key : WindowClock.Partition;
        slow = scheduler.Chance(0.5);
        steady = new SteadyKeys(scheduler, Keys);
        (beforeMs, afterMs, graceMs) = (scheduler.Between(0, 20), scheduler.Between(0, 20), scheduler.Chance(0.6) ? AmpleMs : scheduler.Between(0, 30));
    }

    public override string Name => $"StreamJoin {kind} {clock} -{beforeMs} +{afterMs} grace {graceMs}{(slow ? " async" : "")}";
    public override IReadOnlyList<string> Topics => [Left, Right, Output];
    protected override int PauseMs() => steady.PauseMs();

    protected override void FeedOne(SimBroker broker, int number) =>
        Append(broker, Scheduler.Chance(0.5) ? Left : Right, steady.Next(), $"{number}", StartMs + number * 3 - Scheduler.Between(0, 25));

    protected override void Build(StreamsBuilder builder, Instance instance)
    {
        var (left, right) = (builder.Stream(Left, Text, Text).MapValues(NoPoison), builder.Stream(Right, Text, Text));
        if (slow) left = left.MapAsync("work", (_, v, _) => Work(instance, v));
        var windows = JoinWindows.Of(TimeSpan.FromMilliseconds(beforeMs), TimeSpan.FromMilliseconds(afterMs)).Grace(TimeSpan.FromMilliseconds(graceMs)).CloseAfterIdle(TimeSpan.FromMilliseconds(SteadyKeys.IdleMs)).By(clock);
        var joined = kind switch
        {
            Kind.Inner => left.Join(right, Store, Text, Text, windows, (a, b) => $"{a}+{b}"),
            Kind.Left => left.LeftJoin(right, Store, Text, Text, windows, (a, b) => $"{a}+{b}"),
            _ => left.OuterJoin(right, Store, Text, Text, windows, (a, b) => $"{a}+{b}"),
        };
        joined.To(Output, Text, Text);
    }

    protected override IEnumerable<string?> Problems(SimBroker broker, bool exactly)
    {
        var (all, rights) = (Read(broker, Left), Read(broker, Right));
        yield return CompareSets("dead letters", all.Where(i => Poison(i.Number)).Select(i => i.Value!), Letters(broker, Left).Select(l => l.Value!));
        var lefts = all.FindAll(l => !Poison(l.Number));
        // the furthest a clock can come that judges a record
        var furthest = all.Concat(rights).GroupBy(ClockOf).ToDictionary(g => g.Key, g => g.Max(e => e.TimestampMs));
        bool Safe(Event e, int reachMs) => e.TimestampMs + reachMs + graceMs >= furthest[ClockOf(e)];
        bool SafeLeft(Event l) => Safe(l, afterMs);
        bool SafeRight(Event r) => Safe(r, beforeMs);
        var outputs = Read(broker, Output).ToLookup(o => o.Key);
        foreach (var key in all.Concat(rights).Select(e => e.Key).Distinct().Order())
        {
            var (ls, rs) = (lefts.FindAll(l => l.Key == key), rights.FindAll(r => r.Key == key));
            var pairs = ls.SelectMany(l => rs.Where(r => r.TimestampMs >= l.TimestampMs - beforeMs && r.TimestampMs <= l.TimestampMs + afterMs).Select(r => (Left: l, Right: r))).ToList();
            var found = outputs[key].Select(o => o.Value!).ToList();
            var may = pairs.Select(p => $"{p.Left.Value}+{p.Right.Value}").ToHashSet();
            var must = pairs.Where(p => SafeLeft(p.Left) && SafeRight(p.Right)).Select(p => $"{p.Left.Value}+{p.Right.Value}").ToList();
            foreach (var (outer, side, safe, single) in new[] { (kind != Kind.Inner, ls, (Func<Event, bool>)SafeLeft, "{0}+"), (kind == Kind.Outer, rs, SafeRight, "+{0}") })
            {
                if (!outer) continue;
                foreach (var e in side)
                {
                    var alone = single.Replace("{0}", e.Value);
                    var met = found.Exists(f => f != alone && (single[0] == '+' ? f.EndsWith(alone, StringComparison.Ordinal) : f.StartsWith(alone, StringComparison.Ordinal)));
                    if (!met) may.Add(alone);
                    if (!met && safe(e)) must.Add(alone);
                }
            }
            if (must.Except(found).Any() || found.Any(f => !may.Contains(f)) || found.Distinct().Count() != found.Count)
                yield return $"pairs of {key}: lost [{string.Join(" ", must.Except(found))}], wrong [{string.Join(" ", found.Where(f => !may.Contains(f)))}], twice [{string.Join(" ", found.GroupBy(f => f).Where(g => g.Count() > 1).Select(g => g.Key))}]";
        }
        var held = State(broker, Store).Where(s => s.Sub != "clock").Select(s => $"{s.Key}/{s.Sub}").ToList();
        if (held.Count > 0) yield return $"held after silence: {string.Join(" ", held)}";
    }

    private string ClockOf(Event e) => clock == WindowClock.Key ? e.Key : $"{e.Partition}";
}
