using FsCheck;
using FsCheck.Fluent;
using StreamPlatform.Streams;

namespace StreamPlatform.Tests.Unit.Streams;

/// <summary>Stream-stream joins: examples, and a model that keeps everything.</summary>
public sealed class StreamJoinTests
{
    private static readonly ISerde<string> Text = Serdes.Utf8;

    private enum Kind { Inner, Left, Outer }

    private static TopologyTestDriver Driver(JoinWindows windows, Kind kind)
    {
        var builder = new StreamsBuilder("test");
        var left = builder.Stream("left", Text, Text);
        var right = builder.Stream("right", Text, Text);
        (kind switch
        {
            Kind.Inner => left.Join(right, "join", Text, Text, windows, (l, r) => $"{l}{r}"),
            Kind.Left => left.LeftJoin(right, "join", Text, Text, windows, (l, r) => $"{l}{r ?? "-"}"),
            _ => left.OuterJoin(right, "join", Text, Text, windows, (l, r) => $"{l ?? "-"}{r ?? "-"}"),
        }).To("out", Text, Text);
        return new TopologyTestDriver(builder.Build());
    }

    private static void Pipe(TopologyTestDriver driver, string topic, string value, int second, string key = "k") => driver.Pipe(topic, key, value, Text, Text, second * 1000L);
    private static List<string?> Out(TopologyTestDriver driver) => [.. driver.Read("out", Text, Text).Select(r => r.Value)];

    [Fact]
    public void Records_of_a_key_within_the_window_meet_in_either_order_and_carry_the_later_time()
    {
        using var driver = Driver(JoinWindows.Of(TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(5)).Grace(TimeSpan.FromSeconds(10)), Kind.Inner);
        Pipe(driver, "left", "a", 10);
        Pipe(driver, "right", "x", 15);
        Pipe(driver, "right", "y", 16); // 6 s after
        Pipe(driver, "left", "b", 18);
        driver.Restart();
        Pipe(driver, "right", "z", 8, "other");
        Pipe(driver, "right", "w", 8);
        var read = driver.Read("out", Text, Text);
        Assert.Equal(["ax", "by", "aw"], read.Select(r => r.Value));
        Assert.Equal([15_000L, 18_000, 10_000], read.Select(r => r.TimestampMs));
    }

    [Fact]
    public void A_left_join_gives_what_met_nothing_once_its_window_has_closed_by_event_time_or_silence()
    {
        using var driver = Driver(JoinWindows.Of(TimeSpan.FromSeconds(5)).CloseAfterIdle(TimeSpan.FromSeconds(3)), Kind.Left);
        Pipe(driver, "left", "a", 10);
        Pipe(driver, "right", "x", 15);
        Pipe(driver, "left", "b", 21);
        Assert.Equal(["ax"], Out(driver));
        Pipe(driver, "right", "y", 27);
        Assert.Equal(["b-"], Out(driver));
        Pipe(driver, "left", "c", 40);
        driver.Restart();
        driver.Advance(TimeSpan.FromSeconds(3));
        Assert.Equal(["c-"], Out(driver));
        Pipe(driver, "left", "late", 34);
        Pipe(driver, "left", "d", 35);
        Pipe(driver, "right", "z", 36);
        Assert.Equal(["dz"], Out(driver));
    }

    [Fact]
    public void Nothing_is_held_after_the_retention_of_a_silent_key()
    {
        using var driver = Driver(JoinWindows.Of(TimeSpan.FromSeconds(5)).Forget(TimeSpan.FromHours(1)), Kind.Outer);
        Pipe(driver, "left", "a", 10);
        Pipe(driver, "right", "x", 90);
        driver.Advance(TimeSpan.FromHours(1));
        Assert.Equal(["a-", "-x"], Out(driver));
        driver.Restart();
        Pipe(driver, "left", "b", 10); // the clock is forgotten too
        Pipe(driver, "right", "y", 11);
        Assert.Equal(["by"], Out(driver));
    }

    [Fact]
    public void By_partition_time_other_keys_close_a_silent_keys_window()
    {
        using var driver = Driver(JoinWindows.Of(TimeSpan.FromSeconds(5)).By(WindowClock.Partition), Kind.Left);
        Pipe(driver, "left", "a", 10);
        Pipe(driver, "right", "x", 15, "other");
        Assert.Empty(Out(driver));
        driver.Restart();
        Pipe(driver, "right", "y", 16, "other");
        Assert.Equal(["a-"], Out(driver));
    }

    [Theory]
    [InlineData(WindowClock.Key)]
    [InlineData(WindowClock.Partition)]
    public void Joins_equal_the_model(WindowClock clock)
    {
        var acts = from what in Gen.Frequency((10, Gen.Constant(0)), (10, Gen.Constant(1)), (1, Gen.Constant(2)), (1, Gen.Constant(3)))
                   from key in Gen.Elements("a", "b")
                   from time in Gen.Choose(0, 40)
                   select (what, key, time);
        Prop.ForAll(Gen.ListOf(acts).ToArbitrary(), Gen.Elements(Kind.Inner, Kind.Left, Kind.Outer).ToArbitrary(), (sequence, kind) => Run([.. sequence], kind, clock))
            .Check(Config.QuickThrowOnFailure.WithMaxTest(300));
    }

    private sealed class Held(string id, string key, bool isLeft, int time)
    {
        public string Id => id;
        public string Key => key;
        public bool IsLeft => isLeft;
        public int Time => time;
        public bool Matched { get; set; }
    }

    private static void Run(List<(int What, string Key, int Time)> sequence, Kind kind, WindowClock clock)
    {
        const int before = 3, after = 7, grace = 4;
        using var driver = Driver(JoinWindows.Of(TimeSpan.FromMilliseconds(before), TimeSpan.FromMilliseconds(after)).Grace(TimeSpan.FromMilliseconds(grace)).CloseAfterIdle(TimeSpan.FromSeconds(5)).By(clock), kind);
        var held = new List<Held>();
        var clocks = new Dictionary<string, int>();
        var expected = new List<string>();
        static bool Gone(Held h, int now) => h.Time + (h.IsLeft ? after : before) + grace < now;
        void GiveUp(Func<Held, bool> due)
        {
            foreach (var h in held.Where(due).ToList())
            {
                held.Remove(h);
                if (!h.Matched && (h.IsLeft ? kind != Kind.Inner : kind == Kind.Outer)) expected.Add(h.IsLeft ? $"{h.Id}-" : $"-{h.Id}");
            }
        }
        var n = 0;
        foreach (var (what, key, time) in sequence)
        {
            if (what == 2) { driver.Restart(); continue; }
            if (what == 3) { driver.Advance(TimeSpan.FromSeconds(6)); GiveUp(_ => true); continue; }
            var arrived = new Held($"{key}{n++}", key, what == 0, time);
            driver.Pipe(arrived.IsLeft ? "left" : "right", key, arrived.Id, Text, Text, time);
            var clockOf = clock == WindowClock.Key ? key : arrived.IsLeft ? "left topic" : "right topic";
            var now = clocks[clockOf] = Math.Max(clocks.GetValueOrDefault(clockOf, -1), time);
            void Pass() // partition time: both topics are read to their end, so the later one counts
            {
                if (clock == WindowClock.Partition) GiveUp(h => Gone(h, clocks.Values.Max()));
            }
            if (Gone(arrived, now)) { Pass(); continue; }
            if (clock == WindowClock.Key) GiveUp(h => h.Key == key && Gone(h, now));
            foreach (var other in held.Where(h => h.Key == key && h.IsLeft != arrived.IsLeft && !Gone(h, now)))
            {
                var (l, r) = arrived.IsLeft ? (arrived, other) : (other, arrived);
                if (r.Time < l.Time - before || r.Time > l.Time + after) continue;
                l.Matched = r.Matched = true;
                expected.Add(l.Id + r.Id);
            }
            held.Add(arrived);
            Pass();
        }
        Assert.Equal(expected.Order(), Out(driver).Order());
    }
}
