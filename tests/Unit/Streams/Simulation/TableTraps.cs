using System.Text;
using StreamPlatform.Streams;

namespace StreamPlatform.Tests.Unit.Streams.Simulation;

/// <summary>Rows that must not go back, and deletions that must not be forgotten. The simulation found them.</summary>
public sealed partial class KnownTrapTests
{
    private List<string?> Texts(string topic) => [.. broker.Logs(topic).SelectMany(l => l.Committed()).Select(r => r.Value is null ? null : Encoding.UTF8.GetString(r.Value))];

    private void Row(string topic, string? value) =>
        broker.Log(new(topic, 0)).Append(new OutputRecord(topic, 0, -1, "k"u8.ToArray(), value is null ? null : Encoding.UTF8.GetBytes(value), null), null, scheduler.NowMs);

    [Fact]
    public void A_table_read_to_its_end_does_not_go_back_when_its_changes_are_followed_from_where_they_were_left() => scheduler.Run(() =>
    {
        broker.Create("rows", 1);
        for (var i = 1; i <= 3; i++) Row("rows", $"{i}");
        var instance = Start(0, b =>
        {
            var rows = b.Table("rows", Text, Text);
            rows.ToStream().LeftJoin(rows, (change, row) => $"{change} with {row}").To("out", Text, Text);
        }, _ => { });
        Assert.True(scheduler.WaitUntil(() => Outputs == 3, 10_000));
        Row("rows", "4");
        Assert.True(scheduler.WaitUntil(() => Outputs == 4, 10_000));
        Assert.Equal(["1 with 3", "2 with 3", "3 with 3", "4 with 4"], Texts("out"));
        End(instance);
    });

    [Fact]
    public void A_joined_row_is_deleted_also_if_both_its_sides_were_deleted_while_nobody_looked() => scheduler.Run(() =>
    {
        broker.Create("left", 1);
        broker.Create("right", 1);
        static void Build(StreamsBuilder b) => b.Table("left", Text, Text).Join(b.Table("right", Text, Text), (l, r) => l + r).To("out", Text, Text);
        Row("left", "a");
        Row("right", "b");
        var first = Start(0, Build, _ => { });
        Assert.True(scheduler.WaitUntil(() => Texts("out").LastOrDefault() == "ab", 10_000));
        End(first);
        Row("left", null);
        Row("right", null);
        var second = Start(0, Build, _ => { });
        Assert.True(scheduler.WaitUntil(() => Texts("out") is [.., null], 10_000));
        End(second);
    });

    [Fact]
    public void A_row_does_not_overtake_an_earlier_one_that_waits_for_its_key() => scheduler.Run(() =>
    {
        broker.Create("rows", 1);
        var instance = Start(0, b => b.Stream("in", Text, Text).MapAsync("slow", async (_, v, _) =>
        {
            var slept = new TaskCompletionSource();
            scheduler.After(broker, 100, slept.SetResult);
            await slept.Task.ConfigureAwait(false);
            return v;
        }).LeftJoin(b.Table("rows", Text, Text), (v, row) => $"{v} with {row}").To("out", Text, Text), _ => { });
        Assert.True(scheduler.WaitUntil(() => instance.Application.Health.State == StreamsState.Running, 10_000));
        Write(1);
        scheduler.Sleep(50);
        Row("rows", "old"); // its key is busy
        scheduler.Sleep(150);
        Row("rows", "new"); // the record may wait for its row now
        Assert.True(scheduler.WaitUntil(() => Outputs == 1, 10_000));
        Write(1);
        Assert.True(scheduler.WaitUntil(() => Outputs == 2, 10_000));
        Assert.Equal("0 with new", Texts("out")[1]);
        End(instance);
    });
}
