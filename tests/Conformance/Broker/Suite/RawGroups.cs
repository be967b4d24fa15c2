using Confluent.Kafka;

namespace StreamPlatform.Tests.Conformance.Broker;

public abstract partial class BrokerSuite
{
    [Fact]
    public async Task Generations_and_members_are_fenced_everywhere()
    {
        var (topic, group) = (await NewTopicAsync(), Unique("group"));
        using var client = await RawClient.ConnectAsync(broker.BootstrapServers, 0, group);
        var member = await client.JoinNewAsync(group);
        Assert.Equal(1, member.Generation);
        Assert.Equal(member.MemberId, member.Leader);
        var (synced, assignment) = await client.SyncAsync(group, 1, member.MemberId, (member.MemberId, [1, 2, 3]));
        Assert.Equal((0, "010203"), (synced, Convert.ToHexString(assignment)));

        Assert.Equal(0, await client.HeartbeatAsync(group, 1, member.MemberId));
        Assert.Equal((short)ErrorCode.IllegalGeneration, await client.HeartbeatAsync(group, 2, member.MemberId));
        Assert.Equal((short)ErrorCode.UnknownMemberId, await client.HeartbeatAsync(group, 1, "stranger"));
        Assert.Equal((short)ErrorCode.IllegalGeneration, (await client.SyncAsync(group, 0, member.MemberId)).Error);
        Assert.Equal(0, await client.CommitAsync(group, 1, member.MemberId, topic, 5));
        Assert.Equal((short)ErrorCode.IllegalGeneration, await client.CommitAsync(group, 0, member.MemberId, topic, 6));
        Assert.Equal((short)ErrorCode.UnknownMemberId, await client.CommitAsync(group, 1, "stranger", topic, 6));
        Assert.Equal((short)ErrorCode.UnknownMemberId, await client.CommitAsync(group, -1, "", topic, 6));
        Assert.Equal((short)ErrorCode.IllegalGeneration, await client.CommitAsync(Unique("never"), 3, "stranger", topic, 6));
        Assert.Equal((short)ErrorCode.UnknownTopicOrPart, await client.CommitAsync(group, 1, member.MemberId, Unique("never"), 6));
        Assert.Equal(5, Committed(group, topic));
    }

    [Fact]
    public async Task A_group_in_rebalance_says_so_to_those_who_do_not_join()
    {
        var (topic, group) = (await NewTopicAsync(), Unique("group"));
        using var first = await RawClient.ConnectAsync(broker.BootstrapServers, 0, group);
        using var second = await RawClient.ConnectAsync(broker.BootstrapServers, 0, group);
        var leader = await first.JoinNewAsync(group);
        await first.SyncAsync(group, 1, leader.MemberId, (leader.MemberId, [1]));
        var id = (await second.JoinAsync(group, "")).MemberId;
        await second.SendJoinAsync(group, id);

        short beat = 0;
        var deadline = DateTime.UtcNow + Patience;
        while (beat == 0 && DateTime.UtcNow < deadline)
        {
            beat = await first.HeartbeatAsync(group, 1, leader.MemberId);
        }

        Assert.Equal((short)ErrorCode.RebalanceInProgress, beat);
        // offsets of the old generation may still be committed before joining again
        Assert.Equal(0, await first.CommitAsync(group, 1, leader.MemberId, topic, 7));
        Assert.Equal((short)ErrorCode.RebalanceInProgress, (await first.SyncAsync(group, 1, leader.MemberId)).Error);
        var again = await first.JoinAsync(group, leader.MemberId);
        var joined = await second.ReceiveJoinedAsync();
        Assert.Equal((2, 2), (again.Generation, joined.Generation));
        Assert.Equal((2, 0), (again.Members, joined.Members));
        // not before the assignment is there
        Assert.Equal((short)ErrorCode.RebalanceInProgress, await first.CommitAsync(group, 2, leader.MemberId, topic, 8));
        await first.SyncAsync(group, 2, leader.MemberId, (leader.MemberId, [1]), (id, [2]));
        Assert.Equal("02", Convert.ToHexString((await second.SyncAsync(group, 2, id)).Assignment));
    }

    [Fact]
    public async Task A_member_that_does_not_join_in_time_is_left_out()
    {
        var group = Unique("group");
        using var slow = await RawClient.ConnectAsync(broker.BootstrapServers, 0, group);
        using var quick = await RawClient.ConnectAsync(broker.BootstrapServers, 0, group);
        var first = await slow.JoinNewAsync(group, sessionMs: 60_000, rebalanceMs: 1_000);
        await slow.SyncAsync(group, 1, first.MemberId, (first.MemberId, [1]));

        var second = await quick.JoinNewAsync(group, sessionMs: 60_000, rebalanceMs: 1_000);

        Assert.Equal((2, 1), (second.Generation, second.Members));
        Assert.Equal((short)ErrorCode.UnknownMemberId, await slow.HeartbeatAsync(group, 1, first.MemberId));
    }

    [Fact]
    public async Task A_leader_that_never_assigns_is_replaced()
    {
        var group = Unique("group");
        using var silent = await RawClient.ConnectAsync(broker.BootstrapServers, 0, group);
        using var other = await RawClient.ConnectAsync(broker.BootstrapServers, 0, group);
        var first = await silent.JoinNewAsync(group, sessionMs: 1_000, rebalanceMs: 60_000);
        Assert.Equal(first.MemberId, first.Leader);

        var second = await other.JoinNewAsync(group, sessionMs: 10_000, rebalanceMs: 60_000);

        Assert.Equal(second.MemberId, second.Leader);
        Assert.Equal(0, (await other.SyncAsync(group, second.Generation, second.MemberId, (second.MemberId, [7]))).Error);
    }

    [Fact]
    public async Task A_static_member_under_a_new_id_fences_the_old_id()
    {
        var group = Unique("group");
        using var before = await RawClient.ConnectAsync(broker.BootstrapServers, 0, group);
        using var after = await RawClient.ConnectAsync(broker.BootstrapServers, 0, group);
        var first = await before.JoinAsync(group, "", "host-1");
        await before.SyncAsync(group, 1, first.MemberId, (first.MemberId, [9]));

        var second = await after.JoinAsync(group, "", "host-1");

        Assert.Equal((short)0, second.Error);
        Assert.Equal(1, second.Generation);
        Assert.NotEqual(first.MemberId, second.MemberId);
        Assert.NotEqual(second.MemberId, second.Leader); // so that it does not compute an assignment nobody would get
        Assert.Equal((short)ErrorCode.FencedInstanceId, await before.HeartbeatAsync(group, 1, first.MemberId, "host-1"));
        Assert.Equal("09", Convert.ToHexString((await after.SyncAsync(group, 1, second.MemberId)).Assignment));
    }

    [Theory]
    [InlineData(100)]
    [InlineData(2_000_000)]
    public async Task A_session_time_out_outside_the_brokers_range_is_refused(int sessionMs)
    {
        var group = Unique("group");
        using var client = await RawClient.ConnectAsync(broker.BootstrapServers, 0, group);

        Assert.Equal((short)ErrorCode.InvalidSessionTimeout, (await client.JoinAsync(group, "", sessionMs: sessionMs)).Error);
    }
}
