using Confluent.Kafka;
using Confluent.Kafka.Admin;

namespace StreamPlatform.Tests.Conformance.Broker;

public abstract partial class BrokerSuite
{
    [Fact]
    public async Task A_group_goes_on_from_its_committed_offset()
    {
        var (topic, group) = (await NewTopicAsync(), Unique("group"));
        using var producer = Producer();
        await ProduceAsync(producer, topic, "a", "b", "c", "d");
        using (var first = Consumer(group))
        {
            first.Subscribe(topic);
            var read = Take(first, 2);
            first.Commit([new TopicPartitionOffset(topic, 0, read[1].Offset + 1)]);
            first.Close();
        }

        using var second = Consumer(group);
        second.Subscribe(topic);

        Assert.Equal(["c", "d"], Take(second, 2).Select(r => r.Message.Value));
        second.Close();
    }

    [Fact]
    public async Task Committed_offsets_and_their_metadata_are_fetched_and_unknown_ones_are_unset()
    {
        var (topic, group) = (await NewTopicAsync(2), Unique("group"));
        using var consumer = Consumer(group);
        consumer.Commit([new TopicPartitionOffset(new TopicPartition(topic, 0), 42, null)]);

        var committed = consumer.Committed([new TopicPartition(topic, 0), new TopicPartition(topic, 1)], Patience);

        Assert.Equal([42L, Offset.Unset.Value], committed.OrderBy(c => c.Partition.Value).Select(c => c.Offset.Value));
    }

    [Theory]
    [InlineData(AutoOffsetReset.Earliest, new[] { "old", "new" })]
    [InlineData(AutoOffsetReset.Latest, new[] { "new" })]
    public async Task A_group_without_offsets_starts_where_its_reset_says(AutoOffsetReset reset, string[] expected)
    {
        var topic = await NewTopicAsync();
        using var producer = Producer();
        await ProduceAsync(producer, topic, "old");
        using var consumer = Consumer(change: c => c.AutoOffsetReset = reset);
        consumer.Subscribe(topic);
        var early = UntilEnd(consumer);

        await ProduceAsync(producer, topic, "new");

        Assert.Equal(expected, early.Concat(Take(consumer, 1)).Select(r => r.Message.Value));
        consumer.Close();
    }

    [Fact]
    public async Task A_committed_offset_out_of_range_is_reset()
    {
        var (topic, group) = (await NewTopicAsync(), Unique("group"));
        using var producer = Producer();
        await ProduceAsync(producer, topic, "a");
        using var consumer = Consumer(group);
        consumer.Commit([new TopicPartitionOffset(topic, 0, 1_000)]);
        consumer.Subscribe(topic);

        Assert.Equal("a", Take(consumer, 1)[0].Message.Value);
        consumer.Close();
    }

    [Fact]
    public async Task Groups_are_listed_described_and_deleted()
    {
        var (topic, group) = (await NewTopicAsync(2), Unique("group"));
        using var admin = Admin();
        using (var consumer = Consumer(group, c => c.ClientId = "the-client"))
        {
            consumer.Subscribe(topic);
            PollUntil([consumer], () => consumer.Assignment.Count == 2, "assigned");
            consumer.Commit([new TopicPartitionOffset(topic, 0, 7)]);

            Assert.Contains((await admin.ListConsumerGroupsAsync()).Valid, g => g.GroupId == group);
            var described = (await admin.DescribeConsumerGroupsAsync([group])).ConsumerGroupDescriptions.Single();
            Assert.Equal(ConsumerGroupState.Stable, described.State);
            Assert.Equal("range", described.PartitionAssignor);
            Assert.Equal("the-client", described.Members.Single().ClientId);
            Assert.Equal(2, described.Members.Single().Assignment.TopicPartitions.Count);
            var refused = await Assert.ThrowsAsync<DeleteGroupsException>(() => admin.DeleteGroupsAsync([group]));
            Assert.Equal(ErrorCode.NonEmptyGroup, refused.Results.Single().Error.Code);
            consumer.Close();
        }

        var empty = (await admin.DescribeConsumerGroupsAsync([group])).ConsumerGroupDescriptions.Single();
        Assert.Equal(ConsumerGroupState.Empty, empty.State);
        await admin.DeleteGroupsAsync([group]);
        Assert.DoesNotContain((await admin.ListConsumerGroupsAsync()).Valid, g => g.GroupId == group);
    }

    [Fact]
    public async Task Offsets_are_listed_altered_and_deleted_by_an_administrator()
    {
        var (topic, group) = (await NewTopicAsync(2), Unique("group"));
        using var admin = Admin();
        var zero = new TopicPartition(topic, 0);
        var one = new TopicPartition(topic, 1);
        await admin.AlterConsumerGroupOffsetsAsync(
            [new ConsumerGroupTopicPartitionOffsets(group, [new TopicPartitionOffset(zero, 5), new TopicPartitionOffset(one, 6)])]);

        Assert.Equal([5L, 6L], await ListedAsync());

        await admin.DeleteConsumerGroupOffsetsAsync(group, [one]);
        Assert.Equal([5L], await ListedAsync());

        async Task<IEnumerable<long>> ListedAsync() =>
            (await admin.ListConsumerGroupOffsetsAsync([new ConsumerGroupTopicPartitions(group, null)])).Single().Partitions
                .OrderBy(p => p.Partition.Value).Select(p => p.Offset.Value);
    }
}
