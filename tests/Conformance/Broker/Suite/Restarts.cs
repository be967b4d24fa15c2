using Confluent.Kafka;

namespace StreamPlatform.Tests.Conformance.Broker;

public abstract partial class BrokerSuite
{
    [Fact]
    public async Task A_restart_keeps_topics_records_and_offsets()
    {
        var (topic, group) = (await NewTopicAsync(2), Unique("group"));
        using (var producer = Producer())
        {
            await ProduceAsync(producer, topic, "a", "b");
        }

        using (var consumer = Consumer(group))
        {
            consumer.Commit([new TopicPartitionOffset(topic, 0, 1)]);
        }

        await broker.RestartAsync();

        using var admin = Admin();
        Assert.Equal(2, admin.GetMetadata(topic, Patience).Topics.Single().Partitions.Count);
        Assert.Equal(["a", "b"], Values(ReadToEnd(topic, partitions: 2)));
        Assert.Equal(1, Committed(group, topic));
    }

    [Fact]
    public async Task A_crash_keeps_what_was_acknowledged()
    {
        var (topic, group) = (await NewTopicAsync(), Unique("group"));
        using (var producer = Producer(c => c.EnableIdempotence = true))
        {
            await ProduceAsync(producer, topic, "a", "b");
            using var consumer = Consumer(group);
            consumer.Commit([new TopicPartitionOffset(topic, 0, 1)]);

            await broker.CrashAndRestartAsync();
            await ProduceAsync(producer, topic, "c");
        }

        Assert.Equal(["a", "b", "c"], Values(ReadToEnd(topic)));
        Assert.Equal(1, Committed(group, topic));
    }

    [Fact]
    public async Task An_idempotent_producer_goes_on_across_a_restart()
    {
        var topic = await NewTopicAsync();
        using var producer = Producer(c => { c.EnableIdempotence = true; c.ReconnectBackoffMaxMs = 500; });
        await ProduceAsync(producer, topic, "0", "1");
        var restart = broker.RestartAsync();
        await Task.WhenAll(Enumerable.Range(2, 50).Select(i => producer.ProduceAsync(topic, new Message<string, string> { Key = "k", Value = $"{i}" })))
            .WaitAsync(TimeSpan.FromSeconds(60));
        await restart;

        Assert.Equal(Enumerable.Range(0, 52).Select(i => $"{i}"), Values(ReadToEnd(topic)));
    }

    [Fact]
    public async Task A_group_carries_on_across_a_restart()
    {
        var (topic, group) = (await NewTopicAsync(2), Unique("group"));
        using var consumer = Subscribed(topic, group, c => c.ReconnectBackoffMaxMs = 500);
        PollUntil([consumer], () => consumer.Assignment.Count == 2, "assigned");
        await broker.RestartAsync();
        using var producer = Producer();
        await producer.ProduceAsync(new TopicPartition(topic, 0), new Message<string, string> { Value = "a" });
        await producer.ProduceAsync(new TopicPartition(topic, 1), new Message<string, string> { Value = "b" });

        Assert.Equal(["a", "b"], Values(Take(consumer, 2)).Order());
        PollUntil([consumer], () => TryCommit(consumer, topic), "a commit is accepted");
        CloseAll(consumer);
    }

    [Fact]
    public async Task Transactions_and_their_outcomes_survive_a_restart()
    {
        var (topic, id) = (await NewTopicAsync(), Unique("txn"));
        using var producer = TransactionalProducer(id);
        producer.BeginTransaction();
        await ProduceAsync(producer, topic, "aborted");
        producer.AbortTransaction(Patience);
        producer.BeginTransaction();
        await ProduceAsync(producer, topic, "committed");
        producer.CommitTransaction(Patience);

        await broker.RestartAsync();

        Assert.Equal(["committed"], Values(ReadToEnd(topic)));
        Assert.Equal(["aborted", "committed"], Values(ReadToEnd(topic, IsolationLevel.ReadUncommitted)));
        producer.BeginTransaction();
        await ProduceAsync(producer, topic, "after");
        producer.CommitTransaction(Patience);
        Assert.Equal(["committed", "after"], Values(ReadToEnd(topic)));
    }

    [Fact]
    public async Task A_transaction_open_at_a_crash_is_aborted_by_its_successor()
    {
        var (topic, id) = (await NewTopicAsync(), Unique("txn"));
        using var lost = TransactionalProducer(id);
        lost.BeginTransaction();
        await ProduceAsync(lost, topic, "lost");
        using var plain = Producer();
        await ProduceAsync(plain, topic, "plain");

        await broker.CrashAndRestartAsync();
        Assert.Empty(ReadToEnd(topic));
        using var successor = TransactionalProducer(id);
        successor.BeginTransaction();
        await ProduceAsync(successor, topic, "successor");
        successor.CommitTransaction(Patience);

        Assert.Equal(["plain", "successor"], Values(ReadToEnd(topic)));
        Assert.ThrowsAny<KafkaException>(() => lost.CommitTransaction(Patience));
    }

    [Fact]
    public async Task A_transaction_open_at_a_crash_is_aborted_by_its_time_out()
    {
        var topic = await NewTopicAsync();
        using var lost = TransactionalProducer(Unique("txn"), timeoutMs: 3_000);
        lost.BeginTransaction();
        await ProduceAsync(lost, topic, "lost");
        using var plain = Producer();
        await ProduceAsync(plain, topic, "plain");

        await broker.CrashAndRestartAsync();

        using var consumer = Consumer();
        consumer.Assign(new TopicPartitionOffset(topic, 0, 0));
        Assert.Equal(["plain"], Values(Take(consumer, 1)));
    }

    [Fact]
    public async Task A_transaction_open_at_a_restart_can_still_be_committed()
    {
        var topic = await NewTopicAsync();
        using var producer = TransactionalProducer(Unique("txn"));
        producer.BeginTransaction();
        await ProduceAsync(producer, topic, "before");

        await broker.RestartAsync();
        await ProduceAsync(producer, topic, "after");
        producer.CommitTransaction(Patience);

        Assert.Equal(["before", "after"], Values(ReadToEnd(topic)));
    }

    [Fact]
    public async Task Consume_transform_produce_is_exactly_once_across_restarts()
    {
        var (input, output, group, id) = (await NewTopicAsync(2), await NewTopicAsync(2), Unique("group"), Unique("txn"));
        using (var source = Producer())
        {
            for (var i = 0; i < 200; i++)
            {
                await source.ProduceAsync(new TopicPartition(input, i % 2), new Message<string, string> { Value = $"{i}" });
            }
        }

        // three lives of the application; the first two die in the middle of a transaction
        for (var life = 0; life < 3; life++)
        {
            using var consumer = Subscribed(input, group, c => { c.SessionTimeoutMs = 1_000; c.MaxPollIntervalMs = 30_000; });
            using var producer = TransactionalProducer(id);
            for (var batch = 0; batch < 4; batch++)
            {
                Transform(consumer, producer, output, 20);
                if (batch == 3 && life < 2)
                {
                    break; // dies with this transaction open
                }

                producer.CommitTransaction(Patience);
            }

            if (life == 0)
            {
                await broker.RestartAsync();
            }
            else if (life == 1)
            {
                await broker.CrashAndRestartAsync();
            }
        }

        var seen = Values(ReadToEnd(output, partitions: 2));
        Assert.Equal(seen.Count, seen.Distinct().Count());
        Assert.Equal(Enumerable.Range(0, 200).Select(i => $"{i}").Order(), seen.Order());
    }

    private static void Transform(IConsumer<string, string> consumer, IProducer<string, string> producer, string output, int count)
    {
        var records = Take(consumer, count);
        producer.BeginTransaction();
        foreach (var record in records)
        {
            producer.Produce(new TopicPartition(output, record.Partition), new Message<string, string> { Value = record.Message.Value });
        }

        producer.Flush(Patience);
        var positions = records.GroupBy(r => r.TopicPartition).Select(g => new TopicPartitionOffset(g.Key, g.Max(r => r.Offset.Value) + 1));
        producer.SendOffsetsToTransaction(positions, consumer.ConsumerGroupMetadata, Patience);
    }

    private static bool TryCommit(IConsumer<string, string> consumer, string topic)
    {
        try
        {
            consumer.Commit([new TopicPartitionOffset(topic, 0, 1)]);
            return true;
        }
        catch (KafkaException)
        {
            return false; // rejoining after the restart
        }
    }
}
