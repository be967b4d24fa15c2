using StreamPlatform.Streams;

namespace StreamPlatform.Tests.Faults.Streams;

public abstract partial class StreamsFaults
{
    private const int ClockKeys = 1_000;
    private const int ClockSeconds = 100;
    private const int WindowMs = 10_000;
    private const int GraceMs = 5_000;

    /// <summary>Of one key: an event a second, some late within the grace.</summary>
    private static long TimeOf(long startMs, int second) => startMs + second * 1_000L - (second % 7 == 3 ? 4_000 : 0);

    /// <summary>
    /// F12: 100,000 events over 1,000 keys while the wall clock is an hour off, or jumps an hour forward and two back with windows open. The windows are the records', and the silence that closes the last of them
    /// is not measured by that clock: an hour forward closes nothing, an hour back delays nothing.
    /// </summary>
    [Theory]
    [InlineData(-1)]
    [InlineData(1)]
    [InlineData(0, 1, -1)]
    public async Task A_clock_that_is_off_or_jumps_gives_the_same_windows(params int[] hours)
    {
        var (input, output) = (await TopicAsync("in"), await TopicAsync("out"));
        var start = DateTimeOffset.UtcNow.AddMinutes(-30).ToUnixTimeMilliseconds() / WindowMs * WindowMs; // windows begin here
        var silence = TimeSpan.FromSeconds(10); // longer than a burst takes to be written and read
        var clock = new JumpingClock();
        await using var running = await StartAsync(b => b.Stream(input, Text, Text).GroupByKey()
            .WindowedBy(TimeWindows.Tumbling(TimeSpan.FromMilliseconds(WindowMs)).Grace(TimeSpan.FromMilliseconds(GraceMs)).CloseAfterIdle(silence))
            .Aggregate("windows", Text, (_, _) => "", (numbers, number, _) => $"{numbers} {number}", (_, window, numbers) => $"{window.StartMs}:{numbers}").To(output, Text, Text), clock);
        // bursts end in the middle of a window, so that every key has one open when the clock jumps
        var burst = ClockSeconds / hours.Length + 1;
        for (var part = 0; part < hours.Length; part++)
        {
            clock.Offset = TimeSpan.FromHours(hours[part]);
            var seconds = Enumerable.Range(part * burst, Math.Min(burst, ClockSeconds - part * burst)).ToList();
            await ProduceAsync(input, seconds.SelectMany(second => Enumerable.Range(0, ClockKeys).Select(key => ($"k{key}", $"{second}", TimeOf(start, second)))));
            var read = (seconds[^1] + 1) * ClockKeys;
            await NumberedEvents.UntilAsync(() => running.Health.CommittedRecords >= read, $"{read} records committed", Patience);
        }
        var wanted = Windows(start);
        var found = (await ReadAsync(output, wanted.Count * ClockKeys)).ToLookup(r => r.Message.Key, r => (r.Message.Value, r.Message.Timestamp.UnixTimestampMs));
        Assert.Equal(ClockKeys, found.Count);
        Assert.All(found, key => Assert.Equal(wanted, key));
    }

    /// <summary>A key's windows with their results' times, one after the other, by arithmetic: nothing is later than the grace, so each holds what its time says.</summary>
    private static List<(string Result, long TimestampMs)> Windows(long start) =>
        [.. Enumerable.Range(0, ClockSeconds).GroupBy(second => TimeOf(start, second) / WindowMs * WindowMs).OrderBy(w => w.Key).Select(w => ($"{w.Key}: {string.Join(' ', w)}", w.Key + WindowMs - 1))];

    /// <summary>The wall clock jumps, the monotonic one does not.</summary>
    private sealed class JumpingClock : TimeProvider
    {
        private long offsetTicks;
        public TimeSpan Offset { set => Volatile.Write(ref offsetTicks, value.Ticks); }
        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + TimeSpan.FromTicks(Volatile.Read(ref offsetTicks));
    }
}
