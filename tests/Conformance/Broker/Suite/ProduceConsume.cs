using System.Text;
using Confluent.Kafka;

namespace StreamPlatform.Tests.Conformance.Broker;

public abstract partial class BrokerSuite
{
    [Fact]
    public async Task Keys_values_headers_and_timestamps_come_back_as_sent()
    {
        var topic = await NewTopicAsync();
        var time = new Timestamp(1_700_000_000_123, TimestampType.CreateTime);
        var headers = new Headers { { "a", "one"u8.ToArray() }, { "a", "two"u8.ToArray() }, { "empty", [] }, { "null", null } };
        using (var producer = Producer())
        {
            await producer.ProduceAsync(topic, new Message<string, string> { Key = "kéy", Value = "välue", Headers = headers, Timestamp = time });
            await producer.ProduceAsync(topic, new Message<string, string> { Key = null!, Value = null! });
        }

        var read = ReadToEnd(topic);

        Assert.Equal(["kéy", null], read.Select(r => r.Message.Key));
        Assert.Equal(["välue", null], read.Select(r => r.Message.Value));
        Assert.Equal(time, read[0].Message.Timestamp);
        Assert.Equal(["a", "a", "empty", "null"], read[0].Message.Headers.Select(h => h.Key));
        Assert.Equal("one|two", string.Join('|', read[0].Message.Headers.Take(2).Select(h => Encoding.UTF8.GetString(h.GetValueBytes()))));
        Assert.Empty(read[0].Message.Headers[2].GetValueBytes());
        Assert.Null(read[0].Message.Headers[3].GetValueBytes());
    }

    [Theory]
    [InlineData(CompressionType.None)]
    [InlineData(CompressionType.Gzip)]
    [InlineData(CompressionType.Snappy)]
    [InlineData(CompressionType.Lz4)]
    [InlineData(CompressionType.Zstd)]
    public async Task Every_codec_round_trips(CompressionType codec)
    {
        var topic = await NewTopicAsync();
        var values = Enumerable.Range(0, 500).Select(i => $"value {i} " + new string('x', i)).ToList();
        using (var producer = Producer(c => { c.CompressionType = codec; c.LingerMs = 20; }))
        {
            await Task.WhenAll(values.Select(v => producer.ProduceAsync(topic, new Message<string, string> { Key = "k", Value = v })));
        }

        var read = ReadToEnd(topic);

        Assert.Equal(values, read.Select(r => r.Message.Value));
        Assert.Equal(Enumerable.Range(0, 500).Select(i => (long)i), read.Select(r => r.Offset.Value));
    }

    [Theory]
    [InlineData(Acks.None)]
    [InlineData(Acks.Leader)]
    [InlineData(Acks.All)]
    public async Task Every_ack_level_stores_the_records(Acks acks)
    {
        var topic = await NewTopicAsync();
        using (var producer = Producer(c => c.Acks = acks))
        {
            await ProduceAsync(producer, topic, "a", "b", "c");
        }

        using var consumer = Consumer();
        consumer.Assign(new TopicPartitionOffset(topic, 0, 0));
        Assert.Equal(["a", "b", "c"], Take(consumer, 3).Select(r => r.Message.Value));
    }

    [Fact]
    public async Task An_idempotent_producer_keeps_order_without_gaps_or_repeats()
    {
        var topic = await NewTopicAsync(2);
        using (var producer = Producer(c => { c.EnableIdempotence = true; c.LingerMs = 0; c.BatchNumMessages = 7; }))
        {
            var sent = new List<Task>();
            for (var i = 0; i < 2_000; i++)
            {
                sent.Add(producer.ProduceAsync(new TopicPartition(topic, i % 2), new Message<string, string> { Key = "k", Value = $"{i}" }));
            }

            await Task.WhenAll(sent).WaitAsync(Patience);
        }

        var read = ReadToEnd(topic, partitions: 2);
        Assert.Equal(Enumerable.Range(0, 1_000).Select(i => $"{2 * i}"), read.Where(r => r.Partition == 0).Select(r => r.Message.Value));
        Assert.Equal(Enumerable.Range(0, 1_000).Select(i => $"{(2 * i) + 1}"), read.Where(r => r.Partition == 1).Select(r => r.Message.Value));
    }

    [Fact]
    public async Task Producing_to_an_unknown_topic_fails_with_its_name_unknown()
    {
        using var producer = Producer(c => { c.MessageTimeoutMs = 3_000; c.TopicMetadataPropagationMaxMs = 500; c.AllowAutoCreateTopics = false; });

        var failed = await Assert.ThrowsAsync<ProduceException<string, string>>(() => ProduceAsync(producer, Unique("never"), "x"));

        Assert.Contains(failed.Error.Code, new[] { ErrorCode.UnknownTopicOrPart, ErrorCode.Local_UnknownTopic, ErrorCode.Local_MsgTimedOut });
    }

    [Fact]
    public async Task A_record_over_the_topics_limit_is_refused()
    {
        var topic = await NewTopicAsync(configs: new Dictionary<string, string> { ["max.message.bytes"] = "1000" });
        using var producer = Producer();

        var failed = await Assert.ThrowsAsync<ProduceException<string, string>>(() => ProduceAsync(producer, topic, new string('x', 5_000)));

        Assert.Equal(ErrorCode.MsgSizeTooLarge, failed.Error.Code);
        Assert.Empty(ReadToEnd(topic));
    }

    [Fact]
    public async Task Large_records_beyond_the_fetch_size_are_still_served()
    {
        var topic = await NewTopicAsync();
        var values = Enumerable.Range(0, 5).Select(i => new string((char)('a' + i), 600_000)).ToArray();
        using (var producer = Producer())
        {
            await ProduceAsync(producer, topic, values);
        }

        using var consumer = Consumer(change: c => { c.MaxPartitionFetchBytes = 1_000; c.FetchMaxBytes = 1_000; c.MessageMaxBytes = 1_000; });
        consumer.Assign(new TopicPartitionOffset(topic, 0, 0));
        Assert.Equal(values, UntilEnd(consumer).Select(r => r.Message.Value));
    }

    [Fact]
    public async Task A_waiting_fetch_is_answered_when_a_record_arrives()
    {
        var topic = await NewTopicAsync();
        using var consumer = Consumer(change: c => c.FetchWaitMaxMs = 15_000);
        consumer.Assign(new TopicPartitionOffset(topic, 0, 0));
        Assert.Empty(UntilEnd(consumer));
        using var producer = Producer();

        var started = DateTime.UtcNow;
        await ProduceAsync(producer, topic, "now");
        Assert.Equal("now", Take(consumer, 1)[0].Message.Value);

        Assert.True(DateTime.UtcNow - started < TimeSpan.FromSeconds(5), "the long poll waited for its time-out");
    }

    [Fact]
    public async Task Watermarks_follow_the_records()
    {
        var topic = await NewTopicAsync();
        using var consumer = Consumer();
        var partition = new TopicPartition(topic, 0);
        Assert.Equal((0L, 0L), Bounds());
        using var producer = Producer();
        await ProduceAsync(producer, topic, "a", "b", "c");

        Assert.Equal((0L, 3L), Bounds());

        (long Low, long High) Bounds()
        {
            var bounds = consumer.QueryWatermarkOffsets(partition, Patience);
            return (bounds.Low.Value, bounds.High.Value);
        }
    }

    [Fact]
    public async Task Offsets_are_found_by_timestamp()
    {
        var topic = await NewTopicAsync();
        using (var producer = Producer())
        {
            for (var i = 0; i < 5; i++)
            {
                await producer.ProduceAsync(topic, new Message<string, string> { Value = $"{i}", Timestamp = new Timestamp(1_700_000_000_000 + (i * 1_000), TimestampType.CreateTime) });
            }
        }

        using var consumer = Consumer();
        Assert.Equal(0, OffsetAt(1_600_000_000_000));
        Assert.Equal(2, OffsetAt(1_700_000_001_500));
        Assert.Equal(3, OffsetAt(1_700_000_003_000));
        Assert.Equal(Offset.End.Value, OffsetAt(1_800_000_000_000));

        long OffsetAt(long timestampMs) => consumer
            .OffsetsForTimes([new TopicPartitionTimestamp(topic, 0, new Timestamp(timestampMs, TimestampType.CreateTime))], Patience)
            .Single().Offset.Value;
    }

    [Fact]
    public async Task Timestamps_inside_one_batch_are_found()
    {
        var topic = await NewTopicAsync();
        using (var producer = Producer(c => { c.LingerMs = 500; c.CompressionType = CompressionType.Lz4; }))
        {
            await Task.WhenAll(Enumerable.Range(0, 10).Select(i => producer.ProduceAsync(
                topic, new Message<string, string> { Value = $"{i}", Timestamp = new Timestamp(1_700_000_000_000 + (i * 1_000), TimestampType.CreateTime) })));
        }

        using var consumer = Consumer();
        var found = consumer.OffsetsForTimes([new TopicPartitionTimestamp(topic, 0, new Timestamp(1_700_000_006_500, TimestampType.CreateTime))], Patience);

        Assert.Equal(7, found.Single().Offset.Value);
    }
}
