using Confluent.Kafka;

namespace StreamPlatform.Tests.Conformance.Broker;

public abstract partial class BrokerSuite
{
    [Fact]
    public async Task Offsets_sent_to_a_transaction_are_visible_only_after_its_commit()
    {
        var (topic, group) = (await NewTopicAsync(), Unique("group"));
        using var consumer = Subscribed(topic, group);
        PollUntil([consumer], () => consumer.Assignment.Count == 1, "assigned");
        using var producer = TransactionalProducer(Unique("txn"));

        producer.BeginTransaction();
        producer.SendOffsetsToTransaction([new TopicPartitionOffset(topic, 0, 5)], consumer.ConsumerGroupMetadata, Patience);
        Assert.Equal(Offset.Unset.Value, Committed(group, topic, IsolationLevel.ReadUncommitted));
        producer.CommitTransaction(Patience);

        await Eventually(() => Committed(group, topic) == 5, "the committed offset is visible");
        CloseAll(consumer);
    }

    [Fact]
    public async Task Offsets_of_an_aborted_transaction_are_dropped()
    {
        var (topic, group) = (await NewTopicAsync(), Unique("group"));
        using var consumer = Subscribed(topic, group);
        PollUntil([consumer], () => consumer.Assignment.Count == 1, "assigned");
        consumer.Commit([new TopicPartitionOffset(topic, 0, 1)]);
        using var producer = TransactionalProducer(Unique("txn"));

        producer.BeginTransaction();
        producer.SendOffsetsToTransaction([new TopicPartitionOffset(topic, 0, 5)], consumer.ConsumerGroupMetadata, Patience);
        producer.AbortTransaction(Patience);
        await Eventually(() => Committed(group, topic) == 1, "the earlier offset stands");
        producer.BeginTransaction();
        producer.SendOffsetsToTransaction([new TopicPartitionOffset(topic, 0, 6)], consumer.ConsumerGroupMetadata, Patience);
        producer.CommitTransaction(Patience);
        await Eventually(() => Committed(group, topic) == 6, "the next commit counts");

        CloseAll(consumer);
    }

    [Fact]
    public async Task A_stable_fetch_waits_while_an_offset_is_pending()
    {
        var (topic, group) = (await NewTopicAsync(), Unique("group"));
        using var consumer = Subscribed(topic, group);
        PollUntil([consumer], () => consumer.Assignment.Count == 1, "assigned");
        using var producer = TransactionalProducer(Unique("txn"));
        producer.BeginTransaction();
        producer.SendOffsetsToTransaction([new TopicPartitionOffset(topic, 0, 5)], consumer.ConsumerGroupMetadata, Patience);

        using var other = Consumer(group);
        Assert.ThrowsAny<KafkaException>(() => other.Committed([new TopicPartition(topic, 0)], TimeSpan.FromSeconds(1)));

        producer.CommitTransaction(Patience);
        await Eventually(() => Committed(group, topic) == 5, "visible after the commit");
        CloseAll(consumer);
    }

    [Fact]
    public async Task A_stale_generation_may_not_send_offsets_to_a_transaction()
    {
        var (topic, group) = (await NewTopicAsync(2), Unique("group"));
        using var first = Subscribed(topic, group);
        PollUntil([first], () => first.Assignment.Count == 2, "assigned");
        var stale = first.ConsumerGroupMetadata;
        using var second = Subscribed(topic, group);
        PollUntil([first, second], () => Shares(first, second).SequenceEqual([1, 1]), "one each");
        using var producer = TransactionalProducer(Unique("txn"));
        producer.BeginTransaction();

        Assert.Throws<KafkaTxnRequiresAbortException>(
            () => producer.SendOffsetsToTransaction([new TopicPartitionOffset(topic, 0, 5)], stale, Patience));

        producer.AbortTransaction(Patience);
        Assert.Equal(Offset.Unset.Value, Committed(group, topic));
        CloseAll(first, second);
    }

    [Fact]
    public async Task A_fenced_zombies_pending_offsets_are_dropped()
    {
        var (topic, group, id) = (await NewTopicAsync(), Unique("group"), Unique("txn"));
        using var consumer = Subscribed(topic, group);
        PollUntil([consumer], () => consumer.Assignment.Count == 1, "assigned");
        using var zombie = TransactionalProducer(id);
        zombie.BeginTransaction();
        zombie.SendOffsetsToTransaction([new TopicPartitionOffset(topic, 0, 5)], consumer.ConsumerGroupMetadata, Patience);

        using var successor = TransactionalProducer(id);

        await Eventually(() => Committed(group, topic) == Offset.Unset.Value, "no offset");
        Assert.ThrowsAny<KafkaException>(() => zombie.CommitTransaction(Patience));
        Assert.Equal(Offset.Unset.Value, Committed(group, topic));
        CloseAll(consumer);
    }

    private long Committed(string group, string topic, IsolationLevel isolation = IsolationLevel.ReadCommitted)
    {
        using var consumer = Consumer(group, c => c.IsolationLevel = isolation);
        var deadline = Environment.TickCount64 + (long)Patience.TotalMilliseconds;
        while (true)
        {
            try
            {
                return consumer.Committed([new TopicPartition(topic, 0)], Patience).Single().Offset.Value;
            }
            catch (KafkaException e) when (e.Error.Code is ErrorCode.NotCoordinatorForGroup or ErrorCode.GroupCoordinatorNotAvailable or ErrorCode.GroupLoadInProgress
                && Environment.TickCount64 < deadline)
            {
                // a broker that has just restarted may still be loading its groups: the client does not ask again by itself
            }
        }
    }
}
