using StreamPlatform.Tests.Benchmarks.Interviews;

namespace StreamPlatform.Tests.Unit.Benchmarks;

/// <summary>The arithmetic from which a deployment is planned.</summary>
public sealed class CapacityPlanTests
{
    private static readonly CapacityInputs Inputs = new()
    {
        FrameCpuMs = 30, StreamCpuSPerInterviewMinute = 0.6, PartitionFramesPerSecond = 100, FrameBytes = 40_000, SpeechCpuS = 0.12,
    };

    [Fact]
    public void Cores_follow_from_the_work_of_a_second_and_the_use_of_a_core()
    {
        var plan = new CapacityPlan(Inputs, 10_000);
        Assert.Equal(20_000, plan.FramesPerSecond);
        Assert.Equal(1_000, plan.EmotionCores); // 20,000 x 30 ms / 0.6
        Assert.Equal(1_000, plan.SpeechCores); // 5,000 speak x 0.12 s / 0.6
        Assert.Equal(167, plan.StreamCores); // 10,000 x 0.01 s / 0.6, rounded up
    }

    [Fact]
    public void Sampling_lowers_only_what_is_analysed()
    {
        var plan = new CapacityPlan(Inputs with { AnalysedShare = 0.1 }, 10_000);
        Assert.Equal(100, plan.EmotionCores);
        Assert.Equal(3_000, plan.SeriesRowsPerSecond); // 2,000 observations and 1,000 windows
        Assert.Equal(200, plan.Partitions);
        Assert.Equal(960, plan.IngressMbPerSecond, 6); // 10,000 x (80,000 + 16,000) bytes
    }

    [Fact]
    public void Brokers_and_disks_carry_every_copy()
    {
        var plan = new CapacityPlan(Inputs, 10_000);
        Assert.Equal(2_880, plan.ReplicatedMbPerSecond, 6);
        Assert.Equal(29, plan.Brokers);
        Assert.Equal(10_368, plan.StorageGbPerHour, 6);
        Assert.Equal(3, new CapacityPlan(Inputs, 10).Brokers); // never fewer than the copies need
    }
}
