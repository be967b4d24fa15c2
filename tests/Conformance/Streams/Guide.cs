using Confluent.Kafka;
using Confluent.Kafka.Admin;

namespace StreamPlatform.Tests.Conformance.Streams;

public abstract partial class StreamsSuite
{
    [Fact]
    public async Task The_guides_first_program_runs_as_it_stands()
    {
        using var admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = broker.BootstrapServers }).SetLogHandler((_, _) => { }).Build();
        await admin.CreateTopicsAsync(new[] { "people", "visits", "greetings" }.Select(name => new TopicSpecification { Name = name, NumPartitions = 2, ReplicationFactor = 1 }));
        await Produce("people", [("p1", "Ada")]);
        await Produce("visits", [("p1", "hello"), ("p2", "hello")]);
        using var stop = new CancellationTokenSource();
        var program = FirstProgram.Run(broker.BootstrapServers, (text, _, _) => Task.FromResult(text.Replace("hello", "bonjour")), stop.Token);
        try
        {
            var read = await Until("greetings", 2);
            Assert.Equal(["Ada: bonjour", "stranger: bonjour"], read.Select(r => r.Message.Value).Order());
        }
        finally { await stop.CancelAsync(); }
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => program);
    }
}
