using Confluent.Kafka;
using Confluent.Kafka.Admin;

namespace StreamPlatform.Tests.Conformance.Broker;

public abstract partial class BrokerSuite
{
    [Fact]
    public async Task A_created_topic_is_described_and_a_deleted_one_is_gone()
    {
        var topic = await NewTopicAsync(3);
        using var admin = Admin();

        var metadata = admin.GetMetadata(topic, Patience).Topics.Single();
        Assert.Equal(ErrorCode.NoError, metadata.Error.Code);
        Assert.Equal([0, 1, 2], metadata.Partitions.Select(p => p.PartitionId).Order());
        Assert.All(metadata.Partitions, p => Assert.NotEqual(-1, p.Leader));
        var described = await admin.DescribeTopicsAsync(TopicCollection.OfTopicNames([topic]));
        Assert.Equal(3, described.TopicDescriptions.Single().Partitions.Count);

        await admin.DeleteTopicsAsync([topic]);
        await Eventually(() => admin.GetMetadata(Patience).Topics.All(t => t.Topic != topic), "topic is gone");
    }

    [Fact]
    public async Task Creating_a_topic_twice_says_that_it_exists()
    {
        var topic = await NewTopicAsync();
        using var admin = Admin();

        var refused = await Assert.ThrowsAsync<CreateTopicsException>(
            () => admin.CreateTopicsAsync([new TopicSpecification { Name = topic, NumPartitions = 1, ReplicationFactor = 1 }]));

        Assert.Equal(ErrorCode.TopicAlreadyExists, refused.Results.Single().Error.Code);
    }

    [Theory]
    [InlineData("bad/name", ErrorCode.TopicException)]
    [InlineData("", ErrorCode.TopicException)]
    [InlineData("..", ErrorCode.TopicException)]
    public async Task A_bad_topic_name_is_refused(string name, ErrorCode expected)
    {
        using var admin = Admin();

        var refused = await Assert.ThrowsAnyAsync<Exception>(
            () => admin.CreateTopicsAsync([new TopicSpecification { Name = name, NumPartitions = 1, ReplicationFactor = 1 }]));

        if (refused is CreateTopicsException answered)
        {
            Assert.Equal(expected, answered.Results.Single().Error.Code);
        }
    }

    [Fact]
    public async Task Deleting_an_unknown_topic_says_so()
    {
        using var admin = Admin();

        var refused = await Assert.ThrowsAsync<DeleteTopicsException>(() => admin.DeleteTopicsAsync([Unique("never")]));

        Assert.Equal(ErrorCode.UnknownTopicOrPart, refused.Results.Single().Error.Code);
    }

    [Fact]
    public async Task A_topic_recreated_under_its_name_is_empty()
    {
        var topic = await NewTopicAsync();
        using var admin = Admin();
        using (var producer = Producer())
        {
            await ProduceAsync(producer, topic, "old");
        }

        await admin.DeleteTopicsAsync([topic]);
        await Eventually(() => admin.GetMetadata(Patience).Topics.All(t => t.Topic != topic), "topic is gone");
        await admin.CreateTopicsAsync([new TopicSpecification { Name = topic, NumPartitions = 1, ReplicationFactor = 1 }]);
        await Eventually(() => admin.GetMetadata(topic, Patience).Topics.Single().Partitions.Count == 1, "topic is back");

        Assert.Empty(ReadToEnd(topic));
    }

    [Fact]
    public async Task Configs_given_at_creation_are_described()
    {
        var topic = await NewTopicAsync(configs: new Dictionary<string, string> { ["cleanup.policy"] = "compact", ["retention.ms"] = "86400000" });
        using var admin = Admin();

        var described = await admin.DescribeConfigsAsync([new ConfigResource { Type = ResourceType.Topic, Name = topic }]);

        var entries = described.Single().Entries;
        Assert.Equal("compact", entries["cleanup.policy"].Value);
        Assert.Equal("86400000", entries["retention.ms"].Value);
    }

    [Fact]
    public async Task Partitions_can_be_added()
    {
        var topic = await NewTopicAsync();
        using var admin = Admin();

        await admin.CreatePartitionsAsync([new PartitionsSpecification { Topic = topic, IncreaseTo = 3 }]);

        await Eventually(() => admin.GetMetadata(topic, Patience).Topics.Single().Partitions.Count == 3, "three partitions");
    }

    [Fact]
    public async Task Records_deleted_up_to_an_offset_are_not_served()
    {
        var topic = await NewTopicAsync();
        using (var producer = Producer())
        {
            await ProduceAsync(producer, topic, "0", "1", "2", "3");
        }

        using var admin = Admin();
        await admin.DeleteRecordsAsync([new TopicPartitionOffset(topic, 0, 2)]);

        using var consumer = Consumer();
        Assert.Equal(2, consumer.QueryWatermarkOffsets(new TopicPartition(topic, 0), Patience).Low.Value);
        consumer.Assign(new TopicPartitionOffset(topic, 0, Offset.Beginning));
        Assert.Equal(["2", "3"], UntilEnd(consumer).Select(r => r.Message.Value));
    }
}
