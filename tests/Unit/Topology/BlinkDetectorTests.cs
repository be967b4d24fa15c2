using StreamPlatform.Topology.State;
using StreamPlatform.Topology.Steps;
using Xunit;

namespace StreamPlatform.Tests.Unit.Topology;

public sealed class BlinkDetectorTests
{
    [Theory]
    [InlineData(0.36f)]
    [InlineData(0.30f)]
    [InlineData(0.22f)]
    public void Eyes_close_and_open_by_their_own_measure(float open)
    {
        var closed = Run([.. Enumerable.Repeat(open, 20), open * 0.3f, open * 0.3f, open, open]);
        Assert.Equal([20, 21], Indexes(closed));
    }

    [Fact]
    public void Noise_at_the_threshold_counts_once()
    {
        float[] noisy = [0.18f, 0.17f, 0.19f, 0.17f, 0.19f, 0.17f];
        var closed = Run([.. Enumerable.Repeat(0.3f, 20), .. noisy, 0.3f]);
        Assert.Equal(1, Onsets(closed));
        Assert.False(closed[^1]);
    }

    [Fact]
    public void Narrowed_eyes_are_open()
    {
        var closed = Run([.. Enumerable.Repeat(0.3f, 20), .. Enumerable.Repeat(0.2f, 10), .. Enumerable.Repeat(0.3f, 5)]);
        Assert.Empty(Indexes(closed));
    }

    [Fact]
    public void Eyes_that_stay_shut_for_seconds_are_one_closure()
    {
        var closed = Run([.. Enumerable.Repeat(0.3f, 24), .. Enumerable.Repeat(0.08f, 7), 0.3f]);
        Assert.Equal(1, Onsets(closed));
        Assert.Equal(7, Indexes(closed).Count());
    }

    [Fact]
    public void A_first_frame_is_judged_by_the_usual_openness()
    {
        Assert.True(BlinkDetector.Next(null, 0.1f, 0).Closed);
        Assert.False(BlinkDetector.Next(null, 0.25f, 0).Closed);
    }

    [Fact]
    public void After_a_gap_it_is_not_known_whether_eyes_stayed_shut()
    {
        var state = BlinkDetector.Next(null, 0.1f, 0);
        Assert.True(BlinkDetector.Next(state, 0.2f, 500).Closed);
        Assert.False(BlinkDetector.Next(state, 0.2f, 5_000).Closed);
    }

    [Fact]
    public void The_state_is_bounded()
    {
        EyeState? state = null;
        for (var i = 0; i < 10_000; i++)
        {
            state = BlinkDetector.Next(state, 0.3f, i * 33);
        }

        Assert.InRange(state!.CalculateSize(), 1, 160);
    }

    private static bool[] Run(float[] openness, int everyMs = 500)
    {
        EyeState? state = null;
        return [.. openness.Select((value, i) => (state = BlinkDetector.Next(state, value, i * everyMs)).Closed)];
    }

    private static IEnumerable<int> Indexes(bool[] closed) => closed.Index().Where(each => each.Item).Select(each => each.Index);

    private static int Onsets(bool[] closed) => closed.Index().Count(each => each.Item && (each.Index == 0 || !closed[each.Index - 1]));
}
