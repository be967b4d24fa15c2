using Confluent.Kafka;

namespace StreamPlatform.Tests.Conformance.Broker;

public abstract partial class BrokerSuite
{
    [Fact]
    public async Task A_committed_transaction_is_visible_and_an_aborted_one_only_to_read_uncommitted()
    {
        var topic = await NewTopicAsync(2);
        using var producer = TransactionalProducer(Unique("txn"));
        producer.BeginTransaction();
        await ProduceAsync(producer, topic, "gone-1", "gone-2");
        producer.AbortTransaction(Patience);
        producer.BeginTransaction();
        await ProduceAsync(producer, topic, "kept-1", "kept-2");
        producer.CommitTransaction(Patience);
        producer.BeginTransaction();
        await ProduceAsync(producer, topic, "gone-3");
        producer.AbortTransaction(Patience);

        Assert.Equal(["kept-1", "kept-2"], Values(ReadToEnd(topic, partitions: 2)));
        Assert.Equal(
            ["gone-1", "gone-2", "kept-1", "kept-2", "gone-3"], Values(ReadToEnd(topic, IsolationLevel.ReadUncommitted, 2)));
    }

    [Fact]
    public async Task A_transaction_over_several_topics_and_partitions_commits_as_one()
    {
        var (one, two) = (await NewTopicAsync(3), await NewTopicAsync());
        using var producer = TransactionalProducer(Unique("txn"));
        producer.BeginTransaction();
        for (var p = 0; p < 3; p++)
        {
            await producer.ProduceAsync(new TopicPartition(one, p), new Message<string, string> { Value = $"{p}" });
        }

        await ProduceAsync(producer, two, "other");
        producer.CommitTransaction(Patience);

        Assert.Equal(["0", "1", "2"], Values(ReadToEnd(one, partitions: 3)).Order());
        Assert.Equal(["other"], Values(ReadToEnd(two)));
    }

    [Fact]
    public async Task An_open_transaction_holds_back_read_committed_also_from_later_records()
    {
        var topic = await NewTopicAsync();
        using var transactional = TransactionalProducer(Unique("txn"));
        using var plain = Producer();
        await ProduceAsync(plain, topic, "before");
        transactional.BeginTransaction();
        await ProduceAsync(transactional, topic, "inside");
        await ProduceAsync(plain, topic, "after");

        Assert.Equal(["before"], Values(ReadToEnd(topic)));
        Assert.Equal(["before", "inside", "after"], Values(ReadToEnd(topic, IsolationLevel.ReadUncommitted)));

        using var waiting = Consumer();
        waiting.Assign(new TopicPartitionOffset(topic, 0, 1));
        Assert.Empty(UntilEnd(waiting));
        transactional.CommitTransaction(Patience);
        Assert.Equal(["inside", "after"], Values(Take(waiting, 2)));
    }

    [Fact]
    public async Task Interleaved_transactions_of_two_producers_are_told_apart()
    {
        var topic = await NewTopicAsync();
        using var good = TransactionalProducer(Unique("txn"));
        using var bad = TransactionalProducer(Unique("txn"));
        good.BeginTransaction();
        bad.BeginTransaction();
        for (var i = 0; i < 5; i++)
        {
            await ProduceAsync(good, topic, $"good-{i}");
            await ProduceAsync(bad, topic, $"bad-{i}");
        }

        bad.AbortTransaction(Patience);
        Assert.Empty(ReadToEnd(topic));
        good.CommitTransaction(Patience);

        Assert.Equal(Enumerable.Range(0, 5).Select(i => $"good-{i}"), Values(ReadToEnd(topic)));
    }

    [Fact]
    public async Task The_end_of_a_partition_is_reached_past_control_records()
    {
        var topic = await NewTopicAsync();
        using var producer = TransactionalProducer(Unique("txn"));
        producer.BeginTransaction();
        await ProduceAsync(producer, topic, "a");
        producer.CommitTransaction(Patience);

        using var consumer = Consumer();
        var partition = new TopicPartition(topic, 0);
        Assert.Equal(2, consumer.QueryWatermarkOffsets(partition, Patience).High.Value);
        consumer.Assign(new TopicPartitionOffset(partition, 0));
        var (read, end) = (new List<string>(), -1L);
        var deadline = DateTime.UtcNow + Patience;
        while (end < 0)
        {
            Assert.True(DateTime.UtcNow < deadline, "no end of partition");
            var result = consumer.Consume(TimeSpan.FromMilliseconds(100));
            if (result is { IsPartitionEOF: true })
            {
                end = result.Offset.Value;
            }
            else if (result is not null)
            {
                read.Add(result.Message.Value);
            }
        }

        Assert.Equal(["a"], read);
        Assert.Equal(2, end);
        producer.BeginTransaction();
        await ProduceAsync(producer, topic, "b");
        producer.AbortTransaction(Patience);
        Assert.Empty(UntilEnd(consumer));
        Assert.Equal(4, consumer.Position(partition).Value);
    }

    [Fact]
    public async Task A_partition_of_only_aborted_records_ends()
    {
        var topic = await NewTopicAsync();
        using var producer = TransactionalProducer(Unique("txn"));
        for (var i = 0; i < 20; i++)
        {
            producer.BeginTransaction();
            await ProduceAsync(producer, topic, new string('x', 10_000));
            producer.AbortTransaction(Patience);
        }

        Assert.Empty(ReadToEnd(topic));
        Assert.Equal(20, ReadToEnd(topic, IsolationLevel.ReadUncommitted).Count);
        Assert.Empty(ReadToEnd(topic, from: 3));
    }

    [Fact]
    public async Task An_empty_transaction_commits_and_aborts()
    {
        var topic = await NewTopicAsync();
        using var producer = TransactionalProducer(Unique("txn"));
        producer.BeginTransaction();
        producer.CommitTransaction(Patience);
        producer.BeginTransaction();
        producer.AbortTransaction(Patience);
        producer.BeginTransaction();
        await ProduceAsync(producer, topic, "a");
        producer.CommitTransaction(Patience);

        Assert.Equal(["a"], Values(ReadToEnd(topic)));
    }

    [Fact]
    public async Task A_zombie_of_the_same_transactional_id_is_fenced_and_its_transaction_aborted()
    {
        var (topic, id) = (await NewTopicAsync(), Unique("txn"));
        using var zombie = TransactionalProducer(id);
        zombie.BeginTransaction();
        await ProduceAsync(zombie, topic, "zombie");

        using var successor = TransactionalProducer(id);
        successor.BeginTransaction();
        await ProduceAsync(successor, topic, "successor");
        successor.CommitTransaction(Patience);

        var refused = Assert.ThrowsAny<KafkaException>(() => zombie.CommitTransaction(Patience));
        Assert.True(refused.Error.IsFatal, refused.Error.ToString());
        Assert.Contains(refused.Error.Code, new[] { ErrorCode.Local_Fenced, ErrorCode.ProducerFenced, ErrorCode.InvalidProducerEpoch });
        Assert.Equal(["successor"], Values(ReadToEnd(topic)));
    }

    [Fact]
    public async Task A_fenced_zombies_records_are_refused()
    {
        var (topic, id) = (await NewTopicAsync(), Unique("txn"));
        using var zombie = TransactionalProducer(id);
        zombie.BeginTransaction();
        await ProduceAsync(zombie, topic, "early");
        using var successor = TransactionalProducer(id);

        await Assert.ThrowsAnyAsync<KafkaException>(() => ProduceAsync(zombie, topic, "late"));

        Assert.Equal(["early"], Values(ReadToEnd(topic, IsolationLevel.ReadUncommitted)));
        Assert.Empty(ReadToEnd(topic));
    }

    [Fact]
    public async Task A_transaction_over_its_time_out_is_aborted()
    {
        var topic = await NewTopicAsync();
        using var producer = TransactionalProducer(Unique("txn"), timeoutMs: 1_000);
        producer.BeginTransaction();
        await ProduceAsync(producer, topic, "slow");
        using var plain = Producer();
        await ProduceAsync(plain, topic, "after");

        using var consumer = Consumer();
        consumer.Assign(new TopicPartitionOffset(topic, 0, 0));
        Assert.Equal(["after"], Values(Take(consumer, 1)));
        Assert.ThrowsAny<KafkaException>(() => producer.CommitTransaction(Patience));
    }

    [Fact]
    public void A_transaction_time_out_over_the_brokers_limit_is_refused()
    {
        using var producer = Producer(c =>
        {
            c.TransactionalId = Unique("txn");
            c.TransactionTimeoutMs = 1_000_000;
        });

        var refused = Assert.ThrowsAny<KafkaException>(() => producer.InitTransactions(Patience));

        Assert.Equal(ErrorCode.InvalidTransactionTimeout, refused.Error.Code);
    }

    [Fact]
    public async Task Many_short_transactions_in_a_row_all_commit()
    {
        var topic = await NewTopicAsync(3);
        using var producer = TransactionalProducer(Unique("txn"));
        for (var i = 0; i < 60; i++)
        {
            producer.BeginTransaction();
            producer.Produce(new TopicPartition(topic, i % 3), new Message<string, string> { Value = $"{i}" });
            if (i % 5 == 4)
            {
                producer.Flush(Patience);
                producer.AbortTransaction(Patience);
            }
            else
            {
                producer.CommitTransaction(Patience);
            }
        }

        var expected = Enumerable.Range(0, 60).Where(i => i % 5 != 4).Select(i => $"{i}").Order();
        Assert.Equal(expected, Values(ReadToEnd(topic, partitions: 3)).Order());
    }

    private static List<string> Values(IEnumerable<ConsumeResult<string, string>> records) => records.Select(r => r.Message.Value).ToList();
}
