using Confluent.Kafka;

namespace StreamPlatform.Tests.Conformance.Broker;

public abstract partial class BrokerSuite
{
    [Fact]
    public async Task A_transactional_batch_to_a_partition_that_was_not_added_is_refused()
    {
        var (topic, id) = (await NewTopicAsync(), Unique("txn"));
        using var client = await RawClient.ConnectAsync(broker.BootstrapServers, 1, id);
        var (producerId, epoch) = await client.InitProducerAsync(id);

        var error = await client.ProduceAsync(id, topic, RawBatch.Of("stray", producerId, epoch, 0, transactional: true));

        Assert.Equal((short)ErrorCode.InvalidTxnState, error);
        Assert.Empty(ReadToEnd(topic, IsolationLevel.ReadUncommitted));
    }

    [Fact]
    public async Task Ending_what_was_not_begun_and_repeating_an_end_are_told_apart()
    {
        var (topic, id) = (await NewTopicAsync(), Unique("txn"));
        using var client = await RawClient.ConnectAsync(broker.BootstrapServers, 1, id);
        var (producerId, epoch) = await client.InitProducerAsync(id);

        Assert.Equal((short)ErrorCode.InvalidTxnState, await client.EndTxnAsync(id, producerId, epoch, commit: true));
        Assert.Equal(0, await client.AddPartitionAsync(id, producerId, epoch, topic));
        Assert.Equal(0, await client.ProduceAsync(id, topic, RawBatch.Of("a", producerId, epoch, 0, transactional: true)));
        Assert.Equal(0, await client.EndTxnAsync(id, producerId, epoch, commit: true));
        // the coordinator may still be writing the markers: then it says so
        short repeated;
        do
        {
            repeated = await client.EndTxnAsync(id, producerId, epoch, commit: true);
        }
        while (repeated == (short)ErrorCode.ConcurrentTransactions);
        Assert.Equal(0, repeated);
        Assert.Equal((short)ErrorCode.InvalidTxnState, await client.EndTxnAsync(id, producerId, epoch, commit: false));
        await Eventually(() => ReadToEnd(topic).Count == 1, "the record is visible");
    }

    [Fact]
    public async Task An_older_epoch_and_a_foreign_producer_id_are_refused()
    {
        var (topic, id) = (await NewTopicAsync(), Unique("txn"));
        using var client = await RawClient.ConnectAsync(broker.BootstrapServers, 1, id);
        var (producerId, epoch) = await client.InitProducerAsync(id);
        var (sameId, next) = await client.InitProducerAsync(id);

        Assert.Equal(producerId, sameId);
        Assert.True(next > epoch);
        Assert.Equal((short)ErrorCode.InvalidProducerEpoch, await client.AddPartitionAsync(id, producerId, epoch, topic));
        Assert.Equal((short)ErrorCode.InvalidProducerIdMapping, await client.AddPartitionAsync(id, producerId + 1_000_000, next, topic));
        Assert.Equal((short)ErrorCode.InvalidProducerIdMapping, await client.EndTxnAsync(Unique("never"), producerId, next, commit: true));
        Assert.Equal((short)ErrorCode.UnknownTopicOrPart, await client.AddPartitionAsync(id, producerId, next, Unique("never")));
    }

    [Fact]
    public async Task A_successor_takes_over_also_on_an_older_connection()
    {
        var (topic, id) = (await NewTopicAsync(), Unique("txn"));
        using var older = await RawClient.ConnectAsync(broker.BootstrapServers, 1, id);
        using var younger = await RawClient.ConnectAsync(broker.BootstrapServers, 1, id);
        var first = await younger.InitProducerAsync(id);
        Assert.Equal(0, await younger.AddPartitionAsync(id, first.ProducerId, first.Epoch, topic));
        Assert.Equal(0, await younger.ProduceAsync(id, topic, RawBatch.Of("zombie", first.ProducerId, first.Epoch, 0, transactional: true)));

        var second = await older.InitProducerAsync(id);
        Assert.Equal(0, await older.AddPartitionAsync(id, second.ProducerId, second.Epoch, topic));
        Assert.Equal(0, await older.ProduceAsync(id, topic, RawBatch.Of("successor", second.ProducerId, second.Epoch, 0, transactional: true)));
        Assert.Equal(0, await older.EndTxnAsync(id, second.ProducerId, second.Epoch, commit: true));

        Assert.Equal((short)ErrorCode.InvalidProducerEpoch, await younger.EndTxnAsync(id, first.ProducerId, first.Epoch, commit: true));
        await Eventually(() => Values(ReadToEnd(topic)).SequenceEqual(["successor"]), "only the successor's record");
    }

    [Fact]
    public async Task Producer_ids_are_never_given_out_twice_also_across_restarts()
    {
        var seen = new HashSet<long>();
        for (var life = 0; life < 3; life++)
        {
            using var client = await RawClient.ConnectAsync(broker.BootstrapServers, 1, "any");
            for (var i = 0; i < 5; i++)
            {
                Assert.True(seen.Add((await client.InitProducerAsync(null)).ProducerId));
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
    }
}
