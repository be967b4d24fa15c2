using Confluent.Kafka;

namespace StreamPlatform.Tests.Conformance.Broker;

public abstract partial class BrokerSuite
{
    [Fact]
    public async Task Range_shares_the_partitions_among_three_members()
    {
        var (topic, group) = (await NewTopicAsync(6), Unique("group"));
        using var a = Subscribed(topic, group);
        using var b = Subscribed(topic, group);
        using var c = Subscribed(topic, group);

        PollUntil([a, b, c], () => Shares(a, b, c).SequenceEqual([2, 2, 2]), "two partitions each");

        Assert.Equal(6, new[] { a, b, c }.SelectMany(m => m.Assignment).Distinct().Count());
        CloseAll(a, b, c);
    }

    [Fact]
    public async Task Every_record_reaches_exactly_one_member()
    {
        var (topic, group) = (await NewTopicAsync(4), Unique("group"));
        using var a = Subscribed(topic, group);
        using var b = Subscribed(topic, group);
        PollUntil([a, b], () => Shares(a, b).SequenceEqual([2, 2]), "two partitions each");
        using var producer = Producer();
        for (var i = 0; i < 40; i++)
        {
            await producer.ProduceAsync(new TopicPartition(topic, i % 4), new Message<string, string> { Value = $"{i}" });
        }

        var seen = new List<string>();
        var deadline = DateTime.UtcNow + Patience;
        while (seen.Count < 40 && DateTime.UtcNow < deadline)
        {
            foreach (var member in new[] { a, b })
            {
                if (member.Consume(TimeSpan.FromMilliseconds(20)) is { IsPartitionEOF: false } record)
                {
                    seen.Add(record.Message.Value);
                }
            }
        }

        Assert.Equal(Enumerable.Range(0, 40).Select(i => $"{i}").Order(), seen.Order());
        CloseAll(a, b);
    }

    [Fact]
    public async Task A_leaving_member_hands_its_partitions_over_at_once()
    {
        var (topic, group) = (await NewTopicAsync(4), Unique("group"));
        using var a = Subscribed(topic, group, c => c.SessionTimeoutMs = 60_000);
        var b = Subscribed(topic, group, c => c.SessionTimeoutMs = 60_000);
        PollUntil([a, b], () => Shares(a, b).SequenceEqual([2, 2]), "two partitions each");

        CloseAll(b);
        b.Dispose();

        PollUntil([a], () => a.Assignment.Count == 4, "the one left has all", TimeSpan.FromSeconds(10));
        CloseAll(a);
    }

    [Fact]
    public async Task A_cooperative_rebalance_never_takes_all_partitions_away()
    {
        var (topic, group) = (await NewTopicAsync(6), Unique("group"));
        var kept = new List<int>();
        using var a = Consumer(group, c => c.PartitionAssignmentStrategy = PartitionAssignmentStrategy.CooperativeSticky, build => build
            .SetPartitionsRevokedHandler((consumer, revoked) => kept.Add(consumer.Assignment.Count - revoked.Count)));
        a.Subscribe(topic);
        PollUntil([a], () => a.Assignment.Count == 6, "the first has all");
        using var b = Subscribed(topic, group, c => c.PartitionAssignmentStrategy = PartitionAssignmentStrategy.CooperativeSticky);

        PollUntil([a, b], () => Shares(a, b).SequenceEqual([3, 3]), "three partitions each");

        Assert.Equal([3], kept);
        using var third = Subscribed(topic, group, c => c.PartitionAssignmentStrategy = PartitionAssignmentStrategy.CooperativeSticky);
        PollUntil([a, b, third], () => Shares(a, b, third).SequenceEqual([2, 2, 2]), "two partitions each");
        CloseAll(b);
        PollUntil([a, third], () => Shares(a, third).SequenceEqual([3, 3]), "three partitions each after one left");
        CloseAll(a, third);
    }

    [Fact]
    public async Task A_static_member_comes_back_to_its_partitions_without_a_rebalance()
    {
        var (topic, group) = (await NewTopicAsync(4), Unique("group"));
        var rebalances = 0;
        using var a = Consumer(group, c => c.GroupInstanceId = "a", build => build
            .SetPartitionsAssignedHandler((_, _) => { Interlocked.Increment(ref rebalances); }));
        a.Subscribe(topic);
        var b = Subscribed(topic, group, c => { c.GroupInstanceId = "b"; c.SessionTimeoutMs = 30_000; });
        PollUntil([a, b], () => Shares(a, b).SequenceEqual([2, 2]), "two partitions each");
        var (before, owned) = (rebalances, b.Assignment.ToHashSet());

        CloseAll(b);
        b.Dispose();
        using var returned = Subscribed(topic, group, c => { c.GroupInstanceId = "b"; c.SessionTimeoutMs = 30_000; });
        PollUntil([a, returned], () => returned.Assignment.Count == 2, "assigned again");

        Assert.Equal(owned, returned.Assignment.ToHashSet());
        Assert.Equal(before, rebalances);
        CloseAll(a, returned);
    }

    [Fact]
    public async Task A_second_static_member_of_the_same_name_fences_the_first()
    {
        var (topic, group) = (await NewTopicAsync(2), Unique("group"));
        Error? fatal = null;
        var config = new ConsumerConfig
        {
            BootstrapServers = broker.BootstrapServers, GroupId = group, GroupInstanceId = "same", EnableAutoCommit = false, HeartbeatIntervalMs = 200, SessionTimeoutMs = 10_000,
        };
        using var first = new ConsumerBuilder<string, string>(config).SetLogHandler(Quiet)
            .SetErrorHandler((_, e) => fatal = e.IsFatal ? e : fatal).Build();
        first.Subscribe(topic);
        PollUntil([first], () => first.Assignment.Count == 2, "assigned");
        using var second = Subscribed(topic, group, c => c.GroupInstanceId = "same");

        var deadline = DateTime.UtcNow + Patience;
        while (fatal is null && DateTime.UtcNow < deadline)
        {
            second.Consume(TimeSpan.FromMilliseconds(20));
            try
            {
                first.Consume(TimeSpan.FromMilliseconds(20));
            }
            catch (KafkaException e) when (e.Error.IsFatal || e.Error.Code == ErrorCode.FencedInstanceId)
            {
                fatal = e.Error;
            }
        }

        Assert.Equal(ErrorCode.FencedInstanceId, fatal?.Code);
        PollUntil([second], () => second.Assignment.Count == 2, "the second has the partitions");
        CloseAll(second);
    }

    [Fact]
    public async Task A_member_that_stops_polling_loses_its_partitions_and_may_not_commit()
    {
        var (topic, group) = (await NewTopicAsync(2), Unique("group"));
        using var silent = Subscribed(topic, group, c => { c.SessionTimeoutMs = 1_500; c.MaxPollIntervalMs = 1_500; });
        PollUntil([silent], () => silent.Assignment.Count == 2, "assigned");
        using var other = Subscribed(topic, group);

        PollUntil([other], () => other.Assignment.Count == 2, "the other took over");

        Assert.ThrowsAny<KafkaException>(() => silent.Commit([new TopicPartitionOffset(topic, 0, 1)]));
        CloseAll(other);
    }

    [Fact]
    public async Task A_member_that_dies_is_removed_after_its_session_time_out()
    {
        var (topic, group) = (await NewTopicAsync(2), Unique("group"));
        var dying = Subscribed(topic, group, c => c.SessionTimeoutMs = 2_000);
        PollUntil([dying], () => dying.Assignment.Count == 2, "assigned");
        dying.Dispose(); // without Close: no goodbye
        using var other = Subscribed(topic, group);

        PollUntil([other], () => other.Assignment.Count == 2, "the other took over");
        CloseAll(other);
    }

    [Fact]
    public async Task Members_without_a_common_assignor_do_not_share_a_group()
    {
        var (topic, group) = (await NewTopicAsync(2), Unique("group"));
        using var range = Subscribed(topic, group, c => c.PartitionAssignmentStrategy = PartitionAssignmentStrategy.Range);
        PollUntil([range], () => range.Assignment.Count == 2, "assigned");
        Error? error = null;
        using var sticky = Consumer(group, c => c.PartitionAssignmentStrategy = PartitionAssignmentStrategy.CooperativeSticky,
            build => { build.SetErrorHandler((_, e) => error = e); });
        sticky.Subscribe(topic);

        var deadline = DateTime.UtcNow + Patience;
        while (error is null && DateTime.UtcNow < deadline)
        {
            range.Consume(TimeSpan.FromMilliseconds(20));
            try
            {
                sticky.Consume(TimeSpan.FromMilliseconds(20));
            }
            catch (ConsumeException e)
            {
                error = e.Error;
            }
        }

        Assert.Equal(ErrorCode.InconsistentGroupProtocol, error?.Code);
        CloseAll(range);
    }

    private IConsumer<string, string> Subscribed(string topic, string group, Action<ConsumerConfig>? change = null)
    {
        var consumer = Consumer(group, change);
        consumer.Subscribe(topic);
        return consumer;
    }

    private static IEnumerable<int> Shares(params IConsumer<string, string>[] members) => members.Select(m => m.Assignment.Count);

    private static void CloseAll(params IConsumer<string, string>[] members)
    {
        foreach (var member in members)
        {
            member.Close();
        }
    }
}
