using StreamPlatform.Streams;

namespace StreamPlatform.Tests.Conformance.Streams;

public abstract partial class StreamsSuite
{
    [Fact]
    public async Task Hopping_windows_and_sessions_by_partition_time_survive_a_crash_and_close_once()
    {
        var (input, hops, sessions) = (await Topic("in"), await Topic("hops"), await Topic("sessions"));
        void Build(StreamsBuilder b)
        {
            var grouped = b.Stream(input, Text, Text).GroupByKey();
            grouped.WindowedBy(TimeWindows.Hopping(TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(5)).By(WindowClock.Partition))
                .Aggregate("hops", Serdes.Int64, (_, _) => 0L, (n, _, _) => n + 1, (_, w, n) => $"{w.StartMs}:{n}").To(hops, Text, Text);
            grouped.WindowedBy(SessionWindows.WithInactivityGap(TimeSpan.FromSeconds(5)).By(WindowClock.Partition))
                .Aggregate("sessions", Serdes.Int64, _ => 0L, (n, _, _) => n + 1, (_, a, b) => a + b, (_, w, n) => $"{w.StartMs}-{w.EndMs}:{n}").To(sessions, Text, Text);
        }
        var first = await Start(Build);
        await Produce(input, Numbers(40, Keys), 7_000);
        await Produce(input, Numbers(40, Keys), 11_000);
        await Until(hops, Keys, first); // 0-10 of every key
        await first.KillAsync();
        await using var second = await Start(Build);
        await Produce(input, Enumerable.Range(0, 200).Select(i => ($"other{i}", "x")), 60_000); // other keys of every partition
        Assert.Equal(Keys, (await Until(sessions, Keys, second)).Count(r => r.Message.Value == "7000-11001:4"));
        var read = await Until(hops, 3 * Keys, second);
        foreach (var expected in new[] { "0:2", "5000:4", "10000:2" }) Assert.Equal(Keys, read.Count(r => r.Message.Value == expected));
        await Eventually(() => second.Health.InFlight == 0, "quiet");
        Assert.Equal((3 * Keys, Keys), (ReadAll(hops).Count, ReadAll(sessions).Count));
    }
}
