using StreamPlatform.Streams;

namespace StreamPlatform.Tests.Unit.Streams.Simulation.Shapes;

/// <summary>Windows of every kind, by either clock, with and without results at every update, closing by event time alone or by silence too; times out of order.</summary>
internal sealed class WindowShape : Workload
{
    private const string Store = "windows";
    private const int StartMs = 1_000_000;
    private readonly WindowModel.Kind kind;
    private readonly WindowClock clock;
    private readonly EmitStrategy emission;
    private readonly SteadyKeys steady;
    private readonly bool idle;
    private readonly bool slow;
    private readonly int graceMs;
    private int leapsMs;

    public WindowShape(Scheduler scheduler, Faults faults) : base(scheduler, faults)
    {
        kind = (WindowModel.Kind)scheduler.Random.Next(3);
        clock = scheduler.Chance(0.5) ? WindowClock.Key : WindowClock.Partition;
        emission = scheduler.Chance(0.7) ? EmitStrategy.OnWindowClose : EmitStrategy.OnWindowUpdate;
        (idle, slow) = (scheduler.Chance(0.5), scheduler.Chance(0.6));
        graceMs = scheduler.Between(0, 15);
        steady = new SteadyKeys(scheduler, Keys);
    }

    public override string Name => $"Window {kind} {clock} {emission} grace {graceMs}{(idle ? " idle" : "")}{(slow ? " async" : "")}";
    protected override int PauseMs() => idle ? steady.PauseMs() : base.PauseMs();

    protected override void FeedOne(SimBroker broker, int number)
    {
        if (Scheduler.Chance(0.05)) leapsMs += Scheduler.Between(0, 150);
        Append(broker, Input, idle ? steady.Next() : AnyKey(), $"{number}", StartMs + leapsMs + number * 3 - Scheduler.Between(0, 25));
    }

    protected override void Build(StreamsBuilder builder, Instance instance)
    {
        var source = builder.Stream(Input, Text, Text).MapValues(NoPoison);
        if (slow) source = source.MapAsync("work", (_, v, _) => Work(instance, v));
        var grouped = source.GroupByKey();
        var grace = TimeSpan.FromMilliseconds(graceMs);
        var silence = TimeSpan.FromMilliseconds(SteadyKeys.IdleMs);
        static string Close(string key, TimeWindow window, string numbers) => WindowModel.Result(window.StartMs, window.EndMs, numbers);
        if (kind == WindowModel.Kind.Session)
        {
            var windows = SessionWindows.WithInactivityGap(TimeSpan.FromMilliseconds(WindowModel.GapMs)).Grace(grace).By(clock).Emit(emission);
            if (idle) windows = windows.CloseAfterIdle(silence);
            grouped.WindowedBy(windows).Aggregate(Store, Text, _ => "", (n, v, _) => $"{n} {v}", (_, a, b) => $"{a} {b}", Close).To(Output, Text, Text);
        }
        else
        {
            var windows = TimeWindows.Hopping(TimeSpan.FromMilliseconds(WindowModel.SizeMs), TimeSpan.FromMilliseconds(WindowModel.AdvanceMs(kind))).Grace(grace).By(clock).Emit(emission);
            if (idle) windows = windows.CloseAfterIdle(silence);
            grouped.WindowedBy(windows).Aggregate(Store, Text, (_, _) => "", (n, v, _) => $"{n} {v}", Close).To(Output, Text, Text);
        }
    }

    /// <summary>Every window's result once, with the same events as in the model, which takes the input in order; what is open in the model is open in the store.</summary>
    protected override IEnumerable<string?> Problems(SimBroker broker, bool exactly)
    {
        var inputs = Read(broker, Input);
        yield return CompareSets("dead letters", inputs.Where(i => Poison(i.Number)).Select(i => i.Value!), Letters(broker, Input).Select(l => l.Value!));
        var model = new WindowModel(kind, clock == WindowClock.Partition, emission == EmitStrategy.OnWindowUpdate, graceMs);
        foreach (var input in inputs) model.Take(input.Partition, input.Key, input.Value!, input.TimestampMs, counted: !Poison(input.Number));
        if (idle) model.Silence();
        var outputs = Read(broker, Output).ToLookup(o => o.Key);
        foreach (var key in inputs.Select(i => i.Key).Distinct().Order())
            yield return Compare($"windows of {key}", model.ResultsOf(key), outputs[key].Select(o => o.Value!));
        var serde = new WindowEntrySerde<string>(Text);
        var open = State(broker, Store).Select(s => (s.Key, s.Sub, Entry: serde.Deserialize(Store, s.Value))).Where(s => s.Entry.ClosedUntilMs < 0);
        yield return CompareSets("open windows", model.Open, open.Select(s => $"{s.Key}@{long.Parse(s.Sub)}:{WindowModel.Sorted(s.Entry.Acc!)}"));
    }
}
