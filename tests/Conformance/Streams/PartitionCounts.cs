using Confluent.Kafka;
using Confluent.Kafka.Admin;
using StreamPlatform.Streams;

namespace StreamPlatform.Tests.Conformance.Streams;

public abstract partial class StreamsSuite
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_partition_count_that_grows_while_running_stops_the_instance_with_both_topics_named(bool stateful)
    {
        var (input, output) = (await Topic("in"), await Topic("out"));
        await using var application = await Start(b =>
        {
            if (stateful) Count(b, input, output);
            else b.Stream(input, Text, Text).To(output, Text, Text);
        }, o => o.ClientSettings = new Dictionary<string, string> { ["topic.metadata.refresh.interval.ms"] = "500", ["metadata.max.age.ms"] = "2000" });
        await Produce(input, Numbers(10 * Keys, Keys));
        await Until(output, 10 * Keys, application);
        using (var admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = broker.BootstrapServers }).SetLogHandler((_, _) => { }).Build())
            await admin.CreatePartitionsAsync([new PartitionsSpecification { Topic = input, IncreaseTo = 6 }]);
        var error = await Assert.ThrowsAsync<StreamsConfigurationException>(() => application.Completion.WaitAsync(Patience));
        Assert.Contains($"topic {input} has 6 partitions", error.Message);
        Assert.Contains(stateful ? $"{app}-counts-changelog has 4" : $"{app}-progress has 4", error.Message);
        Assert.Equal(StreamsState.Failed, application.Health.State);
    }
}
