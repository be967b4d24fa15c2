using StreamPlatform.Schemas.V1;
using StreamPlatform.Topology.Load;
using StreamPlatform.Topology.State;
using StreamPlatform.Topology.Steps;
using StreamPlatform.Streams;
using Xunit;

namespace StreamPlatform.Tests.Unit.Topology;

public sealed class SamplingTests
{
    private const long Start = 1_700_000_000_000;

    [Theory]
    [InlineData(0, 20)]
    [InlineData(1, 10)]
    [InlineData(2, 7)]
    [InlineData(3, 4)]
    [InlineData(4, 2)]
    [InlineData(5, 1)]
    public void At_each_level_so_many_of_the_20_frames_of_a_window_are_analysed(int level, int expected)
    {
        var state = new FrameProgress();
        for (var window = 0; window < 5; window++)
        {
            var taken = Enumerable.Range(0, 20).Count(i => Sampling.Take(state, Frame(Start + (window * 10_000) + (i * 500)), level));
            Assert.Equal(expected, taken);
        }
    }

    [Fact]
    public void Even_one_frame_per_window_is_analysed_at_the_highest_level()
    {
        var state = new FrameProgress();
        Assert.All(Enumerable.Range(0, 10), window => Assert.True(Sampling.Take(state, Frame(Start + (window * 10_000) + 7_000), Sampling.MaxLevel)));
    }

    [Fact]
    public void The_same_frames_and_levels_give_the_same_choice()
    {
        var levels = Enumerable.Range(0, 400).Select(i => i / 37 % 6).ToArray();
        Assert.Equal(Choose(levels), Choose(levels));
    }

    [Fact]
    public async Task A_backlog_found_at_the_start_is_no_load_until_the_grace_is_over()
    {
        var time = new VirtualTime(DateTimeOffset.FromUnixTimeMilliseconds(Start));
        await using var load = new FrameLoad(new FrameLoadOptions { GraceMs = 5_000 }, time);
        for (var second = 0; second < 5; second++)
        {
            Observe(load, time, waitedMs: 20_000);
            Assert.Equal(0, load.Level);
        }

        for (var second = 0; second < 3; second++)
        {
            Observe(load, time, waitedMs: 20_000);
        }

        Assert.InRange(load.Level, 1, 3);
    }

    [Fact]
    public async Task The_level_rises_step_by_step_while_most_frames_are_late_and_falls_only_after_a_calm_while()
    {
        var time = new VirtualTime(DateTimeOffset.FromUnixTimeMilliseconds(Start));
        var changes = new List<(int, int)>();
        await using var load = new FrameLoad(new FrameLoadOptions { CalmIntervals = 3, GraceMs = 0 }, time, (from, to) => changes.Add((from, to)));
        for (var second = 0; second < 3; second++)
        {
            Observe(load, time, waitedMs: 5_000);
        }

        Assert.Equal(2, load.Level); // each second is concluded by the next one's first frame
        for (var second = 0; second < 4; second++)
        {
            Observe(load, time, waitedMs: 2_000); // neither late nor on time: nothing changes
        }

        Assert.Equal(3, load.Level);
        for (var second = 0; second < 12; second++)
        {
            Observe(load, time, waitedMs: 100);
        }

        Assert.Equal(0, load.Level);
        Assert.Equal([(0, 1), (1, 2), (2, 3), (3, 2), (2, 1), (1, 0)], changes);
    }

    [Fact]
    public async Task A_recording_is_no_sign_of_load_and_is_never_thinned_out()
    {
        var time = new VirtualTime(DateTimeOffset.FromUnixTimeMilliseconds(Start));
        await using var load = new FrameLoad(new FrameLoadOptions { GraceMs = 0 }, time);
        for (var second = 0; second < 5; second++)
        {
            time.Advance(TimeSpan.FromSeconds(1));
            Assert.Equal(0, load.Observe(new FrameCaptured { Recorded = true, ReceivedAtMs = Start - 3_600_000 }));
        }

        Assert.Equal(0, load.Level);
    }

    [Fact]
    public void Skipped_frames_count_as_captured_in_their_window()
    {
        var totals = new WindowTotals();
        foreach (var skipped in new[] { false, true, true, false, true })
        {
            totals = WindowSteps.Add(totals, skipped ? new EmotionObserved { Skipped = true } : new EmotionObserved { Probabilities = new EmotionProbabilities { Happy = 1 } });
        }

        var window = WindowSteps.Close("s", new TimeWindow(0, 10_000), totals);
        Assert.Equal((2, 5, 3, 2), (window.FramesAnalysed, window.FramesCaptured, window.FramesSkipped, window.FramesWithFace));
        Assert.Equal(1, window.FaceRatio);
    }

    private static void Observe(FrameLoad load, VirtualTime time, long waitedMs)
    {
        for (var i = 0; i < 20; i++)
        {
            load.Observe(Frame(0, receivedAtMs: time.GetUtcNow().ToUnixTimeMilliseconds() - waitedMs));
        }

        time.Advance(TimeSpan.FromSeconds(1));
    }

    private static bool[] Choose(int[] levels)
    {
        var state = new FrameProgress();
        return [.. levels.Select((level, i) => Sampling.Take(state, Frame(Start + (i * 500L)), level))];
    }

    private static FrameCaptured Frame(long capturedAtMs, long receivedAtMs = 0) => new() { CapturedAtMs = capturedAtMs, ReceivedAtMs = receivedAtMs };
}
