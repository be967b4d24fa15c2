using Confluent.Kafka;

namespace StreamPlatform.Tests.Conformance.Broker;

/// <summary>
/// Fault F5, where the embedded broker promises more than Kafka does for clients before EndTxn 5: a request that was overtaken by its own repetition on a
/// younger connection never touches a later transaction.
/// </summary>
public sealed class LateRequestTests(EmbeddedBrokerFixture broker) : IClassFixture<EmbeddedBrokerFixture>
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_late_end_never_ends_a_later_transaction(bool lateCommits)
    {
        var (topic, id) = ($"topic-{Guid.NewGuid():N}", $"txn-{Guid.NewGuid():N}");
        await CreateAsync(topic);
        using var old = await RawClient.ConnectAsync(broker.BootstrapServers, 1, id);
        var (producerId, epoch) = await old.InitProducerAsync(id);
        Assert.Equal(0, await old.AddPartitionAsync(id, producerId, epoch, topic));
        Assert.Equal(0, await old.ProduceAsync(id, topic, RawBatch.Of("first", producerId, epoch, 0, transactional: true)));

        // the client gives the old connection up, its EndTxn still on the way, and repeats it on a new one
        using var young = await RawClient.ConnectAsync(broker.BootstrapServers, 1, id);
        Assert.Equal(0, await young.EndTxnAsync(id, producerId, epoch, lateCommits));
        Assert.Equal(0, await young.AddPartitionAsync(id, producerId, epoch, topic));
        Assert.Equal(0, await young.ProduceAsync(id, topic, RawBatch.Of("second", producerId, epoch, 1, transactional: true)));

        Assert.NotEqual(0, await old.EndTxnAsync(id, producerId, epoch, lateCommits));

        Assert.Equal(lateCommits ? ["first"] : [], Read(topic));
        Assert.Equal(0, await young.EndTxnAsync(id, producerId, epoch, commit: !lateCommits));
        Assert.Equal(lateCommits ? ["first"] : ["second"], Read(topic));
    }

    [Fact]
    public async Task A_late_partition_never_begins_a_transaction()
    {
        var (topic, id) = ($"topic-{Guid.NewGuid():N}", $"txn-{Guid.NewGuid():N}");
        await CreateAsync(topic);
        using var old = await RawClient.ConnectAsync(broker.BootstrapServers, 1, id);
        var (producerId, epoch) = await old.InitProducerAsync(id);
        using var young = await RawClient.ConnectAsync(broker.BootstrapServers, 1, id);
        Assert.Equal(0, await young.AddPartitionAsync(id, producerId, epoch, topic));
        Assert.Equal(0, await young.EndTxnAsync(id, producerId, epoch, commit: true));

        Assert.NotEqual(0, await old.AddPartitionAsync(id, producerId, epoch, topic));

        // nothing is open: the end of the same kind is a repetition
        Assert.Equal(0, await young.EndTxnAsync(id, producerId, epoch, commit: true));
    }

    private async Task CreateAsync(string topic)
    {
        using var admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = broker.BootstrapServers }).Build();
        await admin.CreateTopicsAsync([new Confluent.Kafka.Admin.TopicSpecification { Name = topic, NumPartitions = 1, ReplicationFactor = 1 }]);
    }

    private List<string> Read(string topic)
    {
        using var consumer = new ConsumerBuilder<Ignore, string>(new ConsumerConfig
        {
            BootstrapServers = broker.BootstrapServers, GroupId = "reader", EnablePartitionEof = true, EnableAutoCommit = false, IsolationLevel = IsolationLevel.ReadCommitted,
        }).Build();
        consumer.Assign(new TopicPartitionOffset(topic, 0, 0));
        var read = new List<string>();
        var deadline = DateTime.UtcNow + TimeSpan.FromSeconds(20);
        while (true)
        {
            Assert.True(DateTime.UtcNow < deadline, "no end of the partition");
            switch (consumer.Consume(TimeSpan.FromMilliseconds(100)))
            {
                case { IsPartitionEOF: true }:
                    return read;
                case { } result:
                    read.Add(result.Message.Value);
                    break;
            }
        }
    }
}
