using FsCheck;
using FsCheck.Fluent;
using StreamPlatform.Streams;

namespace StreamPlatform.Tests.Unit.Streams;

/// <summary>The offset tracker against the plainest model: a list of what was read and what finished.</summary>
public sealed class OffsetTrackerTests
{
    [Fact]
    public void Base_watermark_and_finished_set_equal_the_models_over_any_order_of_finishes_and_a_restart()
    {
        // gaps between offsets, timestamps, the order of finishes, and where the restart falls
        var cases = from count in Gen.Choose(1, 30)
                    from gaps in Gen.ArrayOf(Gen.Choose(1, 4), count)
                    from times in Gen.ArrayOf(Gen.Choose(0, 50), count)
                    from order in Gen.Shuffle(Enumerable.Range(0, count).ToArray())
                    from finished in Gen.Choose(0, count)
                    from start in Gen.Choose(0, 5)
                    select (gaps, times, order: order.ToArray(), finished, start);
        Prop.ForAll(cases.ToArbitrary(), c =>
        {
            var offsets = new long[c.gaps.Length];
            for (var i = 0; i < offsets.Length; i++) offsets[i] = (i == 0 ? c.start : offsets[i - 1]) + c.gaps[i] - (i == 0 ? 1 : 0);
            var tracker = new OffsetTracker(c.start);
            var entries = offsets.Select((o, i) => tracker.Read(o, c.times[i])!.Value).ToArray();
            for (var i = 0; i < c.finished; i++) tracker.Finish(entries[c.order[i]]);
            var done = c.order.Take(c.finished).Select(i => offsets[i]).ToHashSet();
            Check(tracker, offsets, c.times, done);

            // a new life from what would be committed: finished ones are not run again, everything else is
            var second = new OffsetTracker(tracker.Base, tracker.FinishedBeyond.ToList(), tracker.WatermarkMs);
            var rerun = new List<OffsetTracker.Entry>();
            for (var i = 0; i < offsets.Length; i++)
            {
                if (offsets[i] < tracker.Base) continue;
                var entry = second.Read(offsets[i], c.times[i]);
                Assert.Equal(done.Contains(offsets[i]), entry is null);
                if (entry is { } unfinished) rerun.Add(unfinished);
            }
            Check(second, offsets, c.times, done);
            foreach (var entry in rerun) second.Finish(entry);
            Assert.Equal(offsets[^1] + 1, second.Base);
            Assert.Equal(c.times.Max(), second.WatermarkMs);
            Assert.Empty(second.FinishedBeyond);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(300));
    }

    private static void Check(OffsetTracker tracker, long[] offsets, int[] times, HashSet<long> done)
    {
        var prefix = offsets.TakeWhile(done.Contains).Count();
        Assert.Equal(prefix == offsets.Length ? offsets[^1] + 1 : offsets[prefix], tracker.Base);
        Assert.Equal(offsets.Skip(prefix).Where(done.Contains).Order(), tracker.FinishedBeyond.Order());
        Assert.Equal(prefix == 0 ? -1 : times.Take(prefix).Max(), tracker.WatermarkMs);
        Assert.Equal(offsets.Length - done.Count, tracker.Unfinished);
    }

    [Fact]
    public void Markers_behind_the_last_record_need_no_finish()
    {
        var tracker = new OffsetTracker(0);
        var entry = tracker.Read(4, 1)!.Value;
        tracker.ReadToEnd(6);
        Assert.Equal(4, tracker.Base);
        tracker.Finish(entry);
        Assert.Equal(6, tracker.Base);
        tracker.ReadToEnd(9);
        Assert.Equal(9, tracker.Base);
    }

    [Fact]
    public void Going_back_is_an_error()
    {
        var tracker = new OffsetTracker(5);
        Assert.Throws<InvalidOperationException>(() => tracker.Read(4, 0));
    }

    [Fact]
    public void Progress_survives_its_records()
    {
        var source = new StreamSourceNode<string, string>("topic", Serdes.Utf8, Serdes.Utf8);
        var input = new TaskInput(source, 3) { Tracker = new OffsetTracker(100) };
        var entries = new[] { 100L, 101, 70_000, 140_001 }.Select(o => input.Tracker.Read(o, o)!.Value).ToArray();
        foreach (var entry in entries.Skip(1)) input.Tracker.Finish(entry);
        var log = new OutputBuffer();
        Progress.Append(log, "progress", 0, input);
        var restored = Restore(log);
        Assert.Equal((100L, -1L), (restored.Base, restored.WatermarkMs));
        Assert.Equal([101L, 70_000, 140_001], restored.Finished().Order());

        input.Tracker.Finish(entries[0]); // everything: the chunks are tombstoned
        Progress.Append(log, "progress", 0, input);
        restored = Restore(log);
        Assert.Equal((140_002L, 140_001L), (restored.Base, restored.WatermarkMs));
        Assert.Empty(restored.Chunks);
    }

    private static Progress.Restored Restore(OutputBuffer log)
    {
        var restored = new Progress.Restored();
        for (var i = 0; i < log.Count; i++)
        {
            var record = log[i];
            Assert.Equal(3, record.Partition);
            var (_, topic, partition, chunk) = Progress.ReadKey(record.Key);
            Assert.Equal(("topic", 3), (topic, partition));
            restored.Take(chunk, record.ValueBytes());
        }
        return restored;
    }
}
