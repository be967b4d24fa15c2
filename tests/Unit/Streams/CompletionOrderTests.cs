using FsCheck;
using FsCheck.Fluent;
using StreamPlatform.Streams;

namespace StreamPlatform.Tests.Unit.Streams;

/// <summary>Results of windows depend on the order of the input, never on the order in which asynchronous steps before them end.</summary>
public sealed class CompletionOrderTests
{
    private static readonly ISerde<string> Text = Serdes.Utf8;

    [Theory]
    [InlineData(WindowClock.Key)]
    [InlineData(WindowClock.Partition)]
    public void Any_order_of_completion_gives_the_windows_of_the_input_order(WindowClock clock)
    {
        var records = Gen.ListOf(from key in Gen.Elements("a", "b", "c") from time in Gen.Choose(0, 60) select (key, time));
        Prop.ForAll(records.ToArbitrary(), Gen.Choose(0, int.MaxValue).ToArbitrary(), (input, seed) =>
        {
            var sequence = input.ToList();
            Assert.Equal(Run(sequence, clock, null), Run(sequence, clock, new System.Random(seed)));
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(60));
    }

    /// <summary>Without <paramref name="random"/> each record is piped to its end; with it all are under way and end in random order.</summary>
    private static List<string> Run(List<(string Key, int Time)> records, WindowClock clock, System.Random? random)
    {
        var gates = records.Select(_ => new TaskCompletionSource()).ToList();
        var started = new HashSet<int>();
        var builder = new StreamsBuilder("test");
        var stream = builder.Stream("in", Text, Text).MapAsync("slow", async (_, v, _) =>
        {
            if (random is not null)
            {
                lock (started) started.Add(int.Parse(v));
                await gates[int.Parse(v)].Task;
            }
            return v;
        }, new StepOptions { MaxConcurrency = 1_000 });
        stream.GroupByKey().WindowedBy(TimeWindows.Hopping(TimeSpan.FromMilliseconds(10), TimeSpan.FromMilliseconds(5)).Grace(TimeSpan.FromMilliseconds(4)).By(clock))
            .Aggregate("w", Text, (_, _) => "", (acc, v, _) => acc + "," + v, (key, w, acc) => $"{key}@{w.StartMs}{acc}").To("out", Text, Text);
        stream.GroupByKey().WindowedBy(SessionWindows.WithInactivityGap(TimeSpan.FromMilliseconds(3)).Grace(TimeSpan.FromMilliseconds(4)).By(clock))
            .Aggregate("s", Text, _ => "", (acc, v, _) => acc + "," + v, (_, a, b) => a + b, (key, w, acc) => $"{key}@{w.StartMs}-{w.EndMs}{acc}").To("out", Text, Text);
        using var driver = new TopologyTestDriver(builder.Build());
        if (random is null)
            for (var i = 0; i < records.Count; i++) driver.Pipe("in", records[i].Key, $"{i}", Text, Text, records[i].Time);
        else
        {
            for (var i = 0; i < records.Count; i++) driver.Enqueue("in", records[i].Key, $"{i}", Text, Text, records[i].Time);
            for (var left = Enumerable.Range(0, records.Count).ToList(); left.Count > 0;)
            {
                var running = left.GroupBy(i => records[i].Key).Select(g => g.First()).ToList(); // one of each key
                Assert.True(SpinWait.SpinUntil(() => { lock (started) return running.TrueForAll(started.Contains); }, TimeSpan.FromSeconds(60)));
                var next = running[random.Next(running.Count)];
                left.Remove(next);
                gates[next].SetResult();
                driver.PumpNext();
            }
            driver.Settle();
        }
        return [.. driver.Read("out", Text, Text).Select(r => r.Value!).Order(StringComparer.Ordinal)];
    }
}
