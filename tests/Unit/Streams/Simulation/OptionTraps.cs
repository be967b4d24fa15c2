using System.Diagnostics.Metrics;
using System.Text;
using StreamPlatform.Streams;

namespace StreamPlatform.Tests.Unit.Streams.Simulation;

/// <summary>Options whose promise needs a broker: where reading starts, when a commit comes, what memory takes, how far a restore is.</summary>
public sealed partial class KnownTrapTests
{
    private static void Copy(StreamsBuilder b) => b.Stream("in", Text, Text).To("out", Text, Text);

    [Fact]
    public void CommitMaxRecords_brings_a_commit_forward() => scheduler.Run(() =>
    {
        var instance = Start(0, Copy, o => (o.CommitIntervalMs, o.TransactionTimeoutMs, o.CommitMaxRecords) = (60_000, 70_000, 10));
        Assert.True(scheduler.WaitUntil(() => instance.Application.Health.State == StreamsState.Running, 10_000));
        Write(9);
        scheduler.Sleep(5_000);
        Assert.Null(broker.Offset(new("in", 0)));
        Write(1);
        Assert.True(scheduler.WaitUntil(() => broker.Offset(new("in", 0)) == 10, 1_000));
        End(instance);
    });

    [Fact]
    public void An_input_without_offset_starts_at_its_beginning_or_at_the_end_which_is_decided_once() => scheduler.Run(() =>
    {
        Write(5);
        var latest = Start(0, Copy, o => o.InitialOffset = InitialOffset.Latest);
        Assert.True(scheduler.WaitUntil(() => broker.Offset(new("in", 0)) == 5, 10_000), "the end was not noted");
        End(latest);
        Write(3); // while nobody runs: not the end it began with
        var again = Start(0, Copy, o => o.InitialOffset = InitialOffset.Latest);
        Assert.True(scheduler.WaitUntil(() => Outputs == 3, 10_000));
        End(again);
        Assert.Equal(["0", "1", "2"], broker.Logs("out")[0].Committed().Select(r => Encoding.UTF8.GetString(r.Value!)));

        broker.Create("other", 1);
        Write(4, "other");
        var earliest = Start(1, b => b.Stream("other", Text, Text).To("out", Text, Text), _ => { });
        Assert.True(scheduler.WaitUntil(() => Outputs == 7, 30_000));
        End(earliest);
    });

    [Fact]
    public void Bytes_in_flight_stay_bounded_behind_a_blocked_key_and_all_goes_on_after_it() => scheduler.Run(() =>
    {
        const int size = 100_000, total = 200;
        var answer = new TaskCompletionSource();
        var instance = Start(0, b => b.Stream("in", Text, Text).MapAsync("blocked", async (_, v, _) =>
        {
            await answer.Task.ConfigureAwait(false);
            return v[..1];
        }, new StepOptions { TimeoutMs = 700_000 }).To("out", Text, Text), o => o.MaxBufferedBytes = 1024 * 1024);
        for (var i = 0; i < total; i++) broker.Log(new("in", 0)).Append(new OutputRecord("in", 0, -1, "k"u8.ToArray(), new byte[size], null), null, 0);
        Assert.True(scheduler.WaitUntil(() => instance.Application.Health.Partitions is [{ Paused: true }], 10_000), "reading did not pause");
        scheduler.Sleep(60_000);
        Assert.InRange(instance.Application.Health.InFlight, 1024 * 1024 / size, 1024 * 1024 / size + 20); // the last poll was not cut short
        scheduler.Soon(instance, answer.SetResult);
        Assert.True(scheduler.WaitUntil(() => Outputs == total, 60_000), $"{Outputs} of {total}");
        Assert.True(scheduler.WaitUntil(() => instance.Application.Health.Partitions is [{ Paused: false }], 5_000));
        End(instance);
    });

    [Fact]
    public void A_users_pause_holds_wall_clock_closes_back() => scheduler.Run(() =>
    {
        var instance = Start(0, b => b.Stream("in", Text, Text).GroupByKey().WindowedBy(TimeWindows.Tumbling(TimeSpan.FromSeconds(10)).CloseAfterIdle(TimeSpan.FromSeconds(2)))
            .Aggregate("windows", Serdes.Int64, (_, _) => 0L, (n, _, _) => n + 1, (_, _, n) => n).To("out", Text, Serdes.Int64), _ => { });
        Write(3);
        Assert.True(scheduler.WaitUntil(() => broker.Offset(new("in", 0)) == 3, 1_900));
        instance.Application.Pause();
        scheduler.Sleep(60_000);
        Assert.Equal(0, Outputs);
        Write(2); // its timestamps are a minute later: another window, yet these close the first by event time
        instance.Application.Resume();
        Assert.True(scheduler.WaitUntil(() => Outputs == 2, 10_000));
        Assert.Equal([3L, 2L], broker.Logs("out")[0].Committed().Select(r => Serdes.Int64.Deserialize("out", r.Value!)));
        End(instance);
    });

    [Fact]
    public void The_metric_of_restores_counts_down_to_what_is_left_and_a_restore_given_up_leaves_nothing() => scheduler.Run(() =>
    {
        static void Build(StreamsBuilder b) => b.Stream("in", Text, Text).GroupByKey().Count("counts").To("out", Text, Serdes.Int64);
        long remaining = 0, most = 0;
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, me) => { if (instrument.Name == "streams.restore.remaining") me.EnableMeasurementEvents(instrument); };
        listener.SetMeasurementEventCallback<long>((_, change, tags, _) =>
        {
            foreach (var tag in tags)
                if (tag is { Key: "app", Value: "test" }) most = Math.Max(most, remaining += change); // one simulated thread at a time
        });
        listener.Start();
        for (var round = 0; round < 10; round++) Write(1);
        var first = Start(0, Build, o => o.CommitIntervalMs = 1);
        Assert.True(scheduler.WaitUntil(() => Outputs == 10, 10_000));
        End(first);
        Assert.Equal((0, 0), (remaining, most)); // it had nothing to read
        var changelog = broker.Log(new("test-counts-changelog", 0));
        var dying = broker.Begin("dying", broker.Init("dying"), 600_000);
        changelog.Append(new OutputRecord(changelog.Id.Topic, 0, 0, ChangelogKey.Write("k", ""), Serdes.Int64.Serialize("", 99), null), dying, 0);

        var left = changelog.High - (changelog.Committed().Last().Offset + 1); // the last commit's marker and the undecided record

        var second = Start(0, Build, _ => { });
        scheduler.Sleep(20_000);
        Assert.Equal(StreamsState.Restoring, second.Application.Health.State);
        Assert.Equal(left, remaining);
        Assert.InRange(most, changelog.High + 1, changelog.High + 1_000); // that and the progress
        End(second);
        Assert.Equal(0, remaining);

        var third = Start(0, Build, _ => { });
        Assert.True(scheduler.WaitUntil(() => remaining == left, 20_000));
        broker.End(dying, commit: false);
        Assert.True(scheduler.WaitUntil(() => third.Application.Health.State == StreamsState.Running, 10_000));
        Assert.Equal(0, remaining);
        End(third);
    });
}
