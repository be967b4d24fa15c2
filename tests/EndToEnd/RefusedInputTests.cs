using System.Text;
using Confluent.Kafka;
using StreamPlatform.Cli.Demo;
using StreamPlatform.Schemas;
using StreamPlatform.Tests.EndToEnd.Support;
using Xunit;

namespace StreamPlatform.Tests.EndToEnd;

/// <summary>Input that must not be analysed, on the demo's running platform: it is refused, audited or dead-lettered, and nothing else suffers.</summary>
public sealed class RefusedInputTests(DemoFixture demo)
{
    [Fact]
    public async Task Without_consent_no_emotion_row_is_written_and_one_denial_per_switch_is_audited()
    {
        var material = await Task.Run(() => DemoMaterialLoader.Load(Repository.Assets));
        var (session, token) = await Interviews.CreateAsync(demo.Http, demo.Pages, consent: false);
        await using var client = new CaptureClient(Interviews.Capture(demo.Pages, token), Interviews.TraceParent, TimeProvider.System);
        await client.ConnectAsync(CancellationToken.None);
        await client.StartAsync(CancellationToken.None);
        await client.Question.WaitAsync(TimeSpan.FromSeconds(20));
        await Interviews.SendFramesAsync(client, material, 5);
        await client.AllAckedAsync(TimeSpan.FromSeconds(20), CancellationToken.None);
        await client.SendAnswerAsync(0, "An answer.", CancellationToken.None);
        await client.SendAnswerAsync(1, "Another answer.", CancellationToken.None);
        await client.Completed.WaitAsync(TimeSpan.FromSeconds(20));

        var results = await Interviews.WaitForResultsAsync(demo.Http, demo.Pages, session, r => r["report"] is not null, TimeSpan.FromSeconds(60));
        Assert.Equal(0, results["emotionRows"]!.GetValue<double>());
        Assert.Contains("emotion was not analysed", results["report"]!["notes"]!.ToJsonString());
        var counts = new TopicCounter(demo.Kafka).Count([Topics.Frames, Topics.Emotions, Topics.Audit], new HashSet<string> { session }, TimeProvider.System);
        Assert.Equal(5, counts[Topics.Frames].GetValueOrDefault(session));
        Assert.Equal(0, counts[Topics.Emotions].GetValueOrDefault(session));
        Assert.Equal(3, counts[Topics.Audit].GetValueOrDefault(session)); // emotion, face presence, blinks
    }

    [Fact]
    public async Task Malformed_Protobuf_on_a_topic_goes_to_the_dead_letters_with_its_cause_and_the_platform_stays_ready()
    {
        var key = "malformed-" + Guid.NewGuid().ToString("N");
        using (var producer = new ProducerBuilder<string, byte[]>(new ProducerConfig { BootstrapServers = demo.Kafka, Acks = Acks.All }).Build())
        {
            await producer.ProduceAsync(Topics.Frames, new Message<string, byte[]> { Key = key, Value = "this is no Protobuf"u8.ToArray() });
        }

        var dead = await Task.Run(() => FirstOf(Topics.DeadLetter(Topics.Frames), key));
        Assert.Equal("this is no Protobuf", Encoding.UTF8.GetString(dead.Message.Value));
        Assert.Equal(Topics.Frames, Header(dead, "dlq.topic"));
        Assert.NotEmpty(Header(dead, "dlq.cause"));
        Assert.True((await demo.Http.GetAsync(new Uri(demo.Pages, "/readyz"))).IsSuccessStatusCode);
    }

    [Fact]
    public async Task The_browsers_trace_reaches_every_record_that_persistence_reads()
    {
        var traces = await Task.Run(() => SessionRecords.TraceIds(
            demo.Kafka, demo.SessionId, Topics.Frames, Topics.Audio, Topics.Answers, Topics.Emotions, Topics.EmotionWindows, Topics.Transcripts, Topics.Scores, Topics.Reports));
        Assert.All(traces, topic => Assert.NotEmpty(topic.Value));
        var trace = Assert.Single(traces.SelectMany(t => t.Value).Distinct());
        Assert.Equal(32, trace.Length);
    }

    private ConsumeResult<string, byte[]> FirstOf(string topic, string key)
    {
        using var admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = demo.Kafka }).Build();
        using var consumer = new ConsumerBuilder<string, byte[]>(new ConsumerConfig { BootstrapServers = demo.Kafka, GroupId = "test", EnableAutoCommit = false }).Build();
        var partitions = admin.GetMetadata(topic, TimeSpan.FromSeconds(10)).Topics.Single().Partitions;
        consumer.Assign(partitions.Select(p => new TopicPartitionOffset(topic, p.PartitionId, Offset.Beginning)));
        var limit = DateTime.UtcNow + TimeSpan.FromSeconds(30);
        while (DateTime.UtcNow < limit)
        {
            if (consumer.Consume(TimeSpan.FromMilliseconds(200)) is { } result && result.Message.Key == key)
            {
                return result;
            }
        }

        throw new TimeoutException($"no record of {key} came on {topic} within 30 s");
    }

    private static string Header(ConsumeResult<string, byte[]> record, string name) =>
        record.Message.Headers.TryGetLastBytes(name, out var value) ? Encoding.UTF8.GetString(value) : "";
}
