using FsCheck;
using FsCheck.Fluent;
using StreamPlatform.Streams;

namespace StreamPlatform.Tests.Unit.Streams;

/// <summary>Hopping and session windows under both clocks against models that keep everything; input out of order, restarts and silences anywhere.</summary>
public sealed class WindowKindsModelTests
{
    private const int GraceMs = 4;

    private enum Act { Record, Silence, Restart }

    private static void ForAll(Action<List<(Act Kind, string Key, int Time)>> run)
    {
        var acts = from kind in Gen.Frequency((12, Gen.Constant(Act.Record)), (1, Gen.Constant(Act.Silence)), (1, Gen.Constant(Act.Restart)))
                   from key in Gen.Elements("a", "b", "c")
                   from time in Gen.Choose(0, 60)
                   select (kind, key, time);
        Prop.ForAll(Gen.ListOf(acts).ToArbitrary(), sequence => run([.. sequence])).Check(Config.QuickThrowOnFailure.WithMaxTest(200));
    }

    private static void Compare(Action<StreamsBuilder> build, List<(Act Kind, string Key, int Time)> sequence, Model model)
    {
        var builder = new StreamsBuilder("test");
        build(builder);
        using var driver = new TopologyTestDriver(builder.Build());
        foreach (var (kind, key, time) in sequence)
        {
            if (kind == Act.Silence) { driver.Advance(TimeSpan.FromSeconds(6)); model.Silence(); }
            else if (kind == Act.Restart) driver.Restart();
            else { driver.Pipe("in", key, "v", Serdes.Utf8, Serdes.Utf8, time); model.Record(key, time); }
        }
        Assert.Equal(model.Emitted.Order(), driver.Read("out", Serdes.Utf8, Serdes.Utf8).Select(r => r.Value!).Order());
    }

    /// <summary>Open windows as plain lists of times.</summary>
    private abstract class Model(bool byPartition)
    {
        protected readonly List<(string Key, long Start, long End, List<int> Times)> Open = [];
        private readonly Dictionary<string, long> clocks = [];
        private readonly Dictionary<string, long> closedUntil = [];
        public List<string> Emitted { get; } = [];

        protected abstract long Reach(long end);
        protected abstract IEnumerable<(long Start, long End)> WindowsFor(string key, int time);

        public void Record(string key, int time)
        {
            var clockKey = byPartition ? "" : key;
            var clock = clocks.GetValueOrDefault(clockKey, -1);
            if (byPartition) clocks[""] = clock = Math.Max(clock, time);
            var accepted = false;
            foreach (var (start, end) in WindowsFor(key, time).ToList())
            {
                if (Reach(end) + GraceMs <= clock || IsClosed(key, time, end)) continue;
                accepted = true;
                var joined = Open.Where(w => w.Key == key && w.Start >= start && w.End <= end).ToList();
                Open.RemoveAll(joined.Contains);
                Open.Add((key, start, end, [.. joined.SelectMany(w => w.Times), time]));
            }
            if (accepted) clocks[clockKey] = Math.Max(clock, time);
            Close(w => (byPartition || w.Key == key) && Reach(w.End) + GraceMs <= clocks.GetValueOrDefault(clockKey, -1));
        }

        protected abstract bool IsClosed(long closedUntil, int time, long end);
        private bool IsClosed(string key, int time, long end) => IsClosed(closedUntil.GetValueOrDefault(key), time, end);

        public void Silence() => Close(_ => true);

        private void Close(Func<(string Key, long Start, long End, List<int> Times), bool> due)
        {
            foreach (var window in Open.Where(due).ToList())
            {
                Emitted.Add($"{window.Key}@{window.Start}-{window.End}:{window.Times.Count}/{window.Times.Sum()}");
                closedUntil[window.Key] = Math.Max(closedUntil.GetValueOrDefault(window.Key), Reach(window.End));
                Open.Remove(window);
            }
        }
    }

    private sealed class Hopping(bool byPartition) : Model(byPartition)
    {
        protected override long Reach(long end) => end;
        protected override bool IsClosed(long closedUntil, int time, long end) => end <= closedUntil;
        protected override IEnumerable<(long Start, long End)> WindowsFor(string key, int time) =>
            Enumerable.Range(0, 61).Where(s => s % 4 == 0 && s <= time && time < s + 10).Select(s => ((long)s, s + 10L));
    }

    private sealed class Sessions(bool byPartition) : Model(byPartition)
    {
        protected override long Reach(long end) => end + 5;
        protected override bool IsClosed(long closedUntil, int time, long end) => time < closedUntil;
        protected override IEnumerable<(long Start, long End)> WindowsFor(string key, int time)
        {
            var near = Open.Where(w => w.Key == key && w.Times.Any(t => Math.Abs(t - time) <= 5)).SelectMany(w => w.Times).Append(time).ToList();
            yield return (near.Min(), near.Max() + 1);
        }
    }

    [Theory]
    [InlineData(WindowClock.Key)]
    [InlineData(WindowClock.Partition)]
    public void Hopping_windows_equal_the_models(WindowClock clock) => ForAll(sequence => Compare(
        b => b.Stream("in", Serdes.Utf8, Serdes.Utf8).GroupByKey()
            .WindowedBy(TimeWindows.Hopping(TimeSpan.FromMilliseconds(10), TimeSpan.FromMilliseconds(4)).Grace(TimeSpan.FromMilliseconds(GraceMs)).CloseAfterIdle(TimeSpan.FromSeconds(5)).By(clock))
            .Aggregate("w", Serdes.Json<long[]>(), (_, _) => [0L, 0], (n, _, c) => [n[0] + 1, n[1] + c.TimestampMs], (key, w, n) => $"{key}@{w.StartMs}-{w.EndMs}:{n[0]}/{n[1]}")
            .To("out", Serdes.Utf8, Serdes.Utf8),
        sequence, new Hopping(clock == WindowClock.Partition)));

    [Theory]
    [InlineData(WindowClock.Key)]
    [InlineData(WindowClock.Partition)]
    public void Sessions_equal_the_models(WindowClock clock) => ForAll(sequence => Compare(
        b => b.Stream("in", Serdes.Utf8, Serdes.Utf8).GroupByKey()
            .WindowedBy(SessionWindows.WithInactivityGap(TimeSpan.FromMilliseconds(5)).Grace(TimeSpan.FromMilliseconds(GraceMs)).CloseAfterIdle(TimeSpan.FromSeconds(5)).By(clock))
            .Aggregate("w", Serdes.Json<long[]>(), _ => [0L, 0], (n, _, c) => [n[0] + 1, n[1] + c.TimestampMs], (_, a, b) => [a[0] + b[0], a[1] + b[1]],
                (key, w, n) => $"{key}@{w.StartMs}-{w.EndMs}:{n[0]}/{n[1]}")
            .To("out", Serdes.Utf8, Serdes.Utf8),
        sequence, new Sessions(clock == WindowClock.Partition)));
}
