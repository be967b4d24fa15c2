using System.Diagnostics;
using StreamPlatform.Streams;

namespace StreamPlatform.Tests.Conformance.Streams;

public abstract partial class StreamsSuite
{
    [Fact]
    public async Task A_stop_keeps_its_deadline_when_a_step_hangs_and_commits_what_is_finished()
    {
        var (input, output) = (await Topic("in"), await Topic("out"));
        var hangs = true;
        var never = new TaskCompletionSource();
        void Build(StreamsBuilder b) => b.Stream(input, Text, Text).MapAsync("work", async (_, v, _) =>
        {
            if (v == "7" && Volatile.Read(ref hangs)) await never.Task; // does not even listen to its cancellation
            return v;
        }).To(output, Text, Text);
        var first = await Start(Build, o => o.ShutdownDeadlineMs = 1_500);
        await Produce(input, Numbers(100, 100));
        await Until(output, 99, first);
        var clock = Stopwatch.StartNew();
        await first.StopAsync();
        Assert.InRange(clock.ElapsedMilliseconds, 1_000, 10_000);
        Assert.Equal(StreamsState.Stopped, first.Health.State);
        Volatile.Write(ref hangs, false);
        await using var second = await Start(Build);
        var read = await Until(output, 100, second);
        Assert.Equal(100, read.Select(r => r.Message.Value).Distinct().Count());
        Assert.Equal(100, read.Count);
        never.SetResult();
    }

    [Fact]
    public async Task Applications_in_one_process_do_not_disturb_each_other()
    {
        var (input, output) = (await Topic("in"), await Topic("out"));
        await using var good = await Start(b => Count(b, input, output));
        await using var mirror = await Start(b => b.Stream(input, Text, Text).MapValues(v => $"mirror {v}").To(output, Text, Text), name: app + "b");
        await using var bad = await Start(b => b.Stream(input, Text, Text)
            .MapValues(v => v == "500" ? throw new InvalidOperationException("a bug") : v).To(output, Text, Text), name: app + "c");
        bad.Pause();
        await Eventually(() => bad.Health.Partitions is { Count: 4 } all && all.All(p => p.Paused), "paused");
        await Produce(input, Numbers(1_000, Keys));
        var read = await Until(output, 2_000, good, mirror);
        Assert.Equal(1_000, read.Count(r => r.Message.Value.StartsWith("mirror ", StringComparison.Ordinal)));
        bad.Resume();
        await Assert.ThrowsAsync<FatalStepException>(() => bad.Completion.WaitAsync(Patience));
        await good.StopAsync();
        await Produce(input, Numbers(1_000, Keys, 1_000));
        await Eventually(() => mirror.Health.CommittedRecords >= 2_000, "the one that is left goes on");
        Assert.Equal(StreamsState.Running, mirror.Health.State);
    }
}
