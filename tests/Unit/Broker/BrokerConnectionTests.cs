using System.Buffers.Binary;
using Microsoft.Extensions.Logging;
using StreamPlatform.Broker;
using StreamPlatform.Broker.Storage;
using StreamPlatform.Broker.Wire;
using StreamPlatform.Streams;

namespace StreamPlatform.Tests.Unit.Broker;

public sealed class BrokerConnectionTests
{
    private const int MalformedEvent = 12;
    private const int FailedEvent = 13;

    private static byte[] Batch(int records = 1)
    {
        var builder = new RecordBatchBuilder(1_000);
        for (var i = 0; i < records; i++)
        {
            builder.Add(null, new byte[10]);
        }
        return builder.Build();
    }

    [Theory]
    [InlineData(5)]
    [InlineData(99)]
    public async Task An_unknown_version_of_api_versions_is_answered_in_version_0(short version)
    {
        await using var fixture = await BrokerFixture.StartAsync();
        using var client = fixture.Connect();
        var body = await client.CallAsync(ApiKey.ApiVersions, version, writer => writer.WriteRaw([1, 2, 3]));
        var reader = new KafkaReader(body);
        Assert.Equal(ErrorCode.UnsupportedVersion, (ErrorCode)reader.ReadInt16());
        var count = reader.ReadArrayLength();
        Assert.True(count > 10);
        Assert.Equal(count * 6, reader.Remaining);
    }

    [Fact]
    public async Task Api_versions_lists_the_table_and_the_connection_goes_on()
    {
        await using var fixture = await BrokerFixture.StartAsync();
        using var client = fixture.Connect();
        for (short version = 0; version <= 4; version++)
        {
            var body = await client.CallAsync(ApiKey.ApiVersions, version, writer =>
            {
                if (version >= 3)
                {
                    writer.WriteString("tester");
                    writer.WriteString("1");
                    writer.WriteEmptyTaggedFields();
                }
            });
            var reader = new KafkaReader(body, flexible: version >= 3);
            Assert.Equal(0, reader.ReadInt16());
            var seen = new Dictionary<ApiKey, (short, short)>();
            for (var count = reader.ReadArrayLength(); count > 0; count--)
            {
                seen[(ApiKey)reader.ReadInt16()] = (reader.ReadInt16(), reader.ReadInt16());
                reader.SkipTaggedFields();
            }
            Assert.Equal(((short)0, (short)9), seen[ApiKey.Produce]);
            Assert.Equal(((short)4, (short)12), seen[ApiKey.Fetch]);
        }
    }

    public static TheoryData<byte[]> Malformed => new()
    {
        new byte[] { 0, 0, 0, 0 },
        new byte[] { 0xFF, 0xFF, 0xFF, 0xFF },
        new byte[] { 0x7F, 0xFF, 0xFF, 0xFF },
        new byte[] { 0, 0, 0, 8, 0x7F, 0xFF, 0, 0, 0, 0, 0, 1 },
        new byte[] { 0, 0, 0, 8, 0, 1, 0, 99, 0, 0, 0, 1 },
        new byte[] { 0, 0, 0, 12, 0, 3, 0, 1, 0, 0, 0, 1, 0x7F, 0xFF, 0, 0 },
        "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"u8.ToArray(),
    };

    [Theory]
    [MemberData(nameof(Malformed))]
    public async Task A_malformed_frame_closes_its_connection_with_one_line_and_no_other(byte[] frame)
    {
        await using var fixture = await BrokerFixture.StartAsync();
        using var other = fixture.Connect();
        using var bad = fixture.Connect();
        bad.SendRaw(frame);
        Assert.Null(await bad.ReceiveAsync());
        await other.CallAsync(ApiKey.ApiVersions, 0, _ => { });
        Assert.Single(fixture.Logger.Entries, entry => entry.Id == MalformedEvent);
    }

    [Fact]
    public async Task Random_bodies_of_every_request_and_version_never_fail_the_broker()
    {
        await using var fixture = await BrokerFixture.StartAsync(options => options.AutoCreateTopics = false);
        fixture.Create("t");
        var random = new Random(20260101);
        foreach (var range in SupportedApis.All)
        {
            for (var version = range.Min; version <= range.Max; version++)
            {
                var body = new byte[random.Next(40)];
                random.NextBytes(body);
                // small numbers get further into the parsers than random ones
                for (var i = 0; i < body.Length; i++)
                {
                    body[i] = (byte)(random.Next(3) == 0 ? body[i] : random.Next(3));
                }
                using var client = fixture.Connect();
                client.Send(range.Key, version, writer => writer.WriteRaw(body));
            }
        }
        using var sane = fixture.Connect();
        await sane.CallAsync(ApiKey.ApiVersions, 0, _ => { });
        Assert.DoesNotContain(fixture.Logger.Entries, entry => entry.Id == FailedEvent);
    }

    [Fact]
    public async Task Pipelined_produce_requests_are_written_and_answered_in_order()
    {
        await using var fixture = await BrokerFixture.StartAsync();
        fixture.Create("t");
        using var client = fixture.Connect();
        for (var i = 0; i < 100; i++)
        {
            client.SendProduce("t", 0, Batch());
        }
        for (var i = 0; i < 100; i++)
        {
            var (id, body) = (await client.ReceiveAsync())!.Value;
            Assert.Equal(i + 1, id);
            Assert.Equal((ErrorCode.None, (long)i), WireClient.ParseProduce(body));
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Old_produce_versions_are_answered_with_unsupported_version(short version)
    {
        await using var fixture = await BrokerFixture.StartAsync();
        fixture.Create("t");
        using var client = fixture.Connect();
        var body = await client.CallAsync(ApiKey.Produce, version, writer =>
        {
            writer.WriteInt16(-1);
            writer.WriteInt32(1000);
            writer.WriteArrayLength(1);
            writer.WriteString("t");
            writer.WriteArrayLength(1);
            writer.WriteInt32(0);
            writer.WriteBytes(Batch());
        });
        Assert.Equal((ErrorCode.UnsupportedVersion, -1), WireClient.ParseProduce(body));
        Assert.Equal(0, fixture.Broker.Logs.Find("t", 0)!.HighWatermark);
    }

    [Fact]
    public async Task Acks_0_gets_no_answer_but_is_written()
    {
        await using var fixture = await BrokerFixture.StartAsync();
        fixture.Create("t");
        using var client = fixture.Connect();
        client.SendProduce("t", 0, Batch(), acks: 0);
        var id = client.SendProduce("t", 0, Batch());
        var (answered, body) = (await client.ReceiveAsync())!.Value;
        Assert.Equal(id, answered);
        Assert.Equal((ErrorCode.None, 1), WireClient.ParseProduce(body));
    }

    [Fact]
    public async Task A_waiting_fetch_is_woken_by_a_produce()
    {
        await using var fixture = await BrokerFixture.StartAsync();
        fixture.Create("t");
        using var consumer = fixture.Connect();
        using var producer = fixture.Connect();
        consumer.SendFetch("t", 0, 0, maxWaitMs: 600_000);
        producer.SendProduce("t", 0, Batch(3));
        var (error, highWatermark, records) = WireClient.ParseFetch((await consumer.ReceiveAsync())!.Value.Body);
        Assert.Equal((ErrorCode.None, 3), (error, highWatermark));
        Assert.Equal(3, BatchHeader.Parse(records).RecordCount);
    }

    [Fact]
    public async Task A_fetch_with_nothing_to_return_answers_after_its_max_wait()
    {
        var time = new VirtualTime();
        // far from the idle limit, however fast the clock runs before the request arrives
        await using var fixture = await BrokerFixture.StartAsync(options => options.IdleConnectionMs = 86_400_000, time);
        fixture.Create("t");
        using var consumer = fixture.Connect();
        consumer.SendFetch("t", 0, 0, maxWaitMs: 5_000);
        var answer = consumer.ReceiveAsync();
        while (!answer.IsCompleted)
        {
            time.Advance(TimeSpan.FromMilliseconds(10));
            await Task.Yield();
        }
        var (error, _, records) = WireClient.ParseFetch((await answer)!.Value.Body);
        Assert.Equal((ErrorCode.None, 0), (error, records.Length));
    }

    [Fact]
    public async Task Stopping_the_broker_ends_waiting_fetches()
    {
        await using var fixture = await BrokerFixture.StartAsync();
        fixture.Create("t");
        using var consumer = fixture.Connect();
        consumer.SendFetch("t", 0, 0, maxWaitMs: 600_000);
        await fixture.Broker.DisposeAsync();
        Assert.Null(await consumer.ReceiveAsync());
    }

    [Fact]
    public async Task A_fetch_beyond_the_end_or_of_an_unknown_partition_is_an_error_at_once()
    {
        await using var fixture = await BrokerFixture.StartAsync();
        fixture.Create("t");
        using var client = fixture.Connect();
        client.SendFetch("t", 0, 5, maxWaitMs: 600_000);
        Assert.Equal(ErrorCode.OffsetOutOfRange, WireClient.ParseFetch((await client.ReceiveAsync())!.Value.Body).Error);
        client.SendFetch("t", 1, 0, maxWaitMs: 600_000);
        Assert.Equal(ErrorCode.UnknownTopicOrPartition, WireClient.ParseFetch((await client.ReceiveAsync())!.Value.Body).Error);
    }

    [Fact]
    public async Task Connections_beyond_the_limit_are_closed()
    {
        await using var fixture = await BrokerFixture.StartAsync(options => options.MaxConnections = 1);
        using var first = fixture.Connect();
        await first.CallAsync(ApiKey.ApiVersions, 0, _ => { });
        using var second = fixture.Connect();
        Assert.Null(await second.ReceiveAsync());
        await first.CallAsync(ApiKey.ApiVersions, 0, _ => { });
    }

    [Fact]
    public async Task Idle_connections_are_closed()
    {
        var time = new VirtualTime();
        await using var fixture = await BrokerFixture.StartAsync(options => options.IdleConnectionMs = 60_000, time);
        using var client = fixture.Connect();
        await client.CallAsync(ApiKey.ApiVersions, 0, _ => { });
        var closed = client.ReceiveAsync();
        time.Advance(TimeSpan.FromSeconds(50));
        Assert.False(closed.IsCompleted);
        // The broker notes the time of an answer after the client has it: on a busy machine the clock has moved on by then, and the idle minute begins later.
        while (!closed.IsCompleted)
        {
            time.Advance(TimeSpan.FromSeconds(10));
            await Task.Yield();
        }

        Assert.Null(await closed);
    }

    [Fact]
    public async Task A_request_larger_than_the_in_flight_budget_of_others_waits_its_turn()
    {
        await using var fixture = await BrokerFixture.StartAsync(options => (options.MaxRequestBytes, options.MaxInFlightBytes) = (64 * 1024, 64 * 1024));
        fixture.Create("t");
        var batch = new RecordBatchBuilder(0).Add(null, new byte[50 * 1024]).Build();
        var clients = Enumerable.Range(0, 8).Select(_ => fixture.Connect()).ToList();
        foreach (var client in clients)
        {
            client.SendProduce("t", 0, batch);
        }
        foreach (var client in clients)
        {
            Assert.Equal(ErrorCode.None, WireClient.ParseProduce((await client.ReceiveAsync())!.Value.Body).Error);
            client.Dispose();
        }
    }

    [Fact]
    public async Task Faults_cut_drop_delay_and_inject_errors()
    {
        var fault = Fault.None;
        var error = ErrorCode.None;
        await using var fixture = await BrokerFixture.StartAsync(options =>
        {
            options.FaultHook = context => context.Key == ApiKey.Produce ? fault : Fault.None;
            options.ErrorHook = (_, _, _) => error;
        });
        fixture.Create("t");
        var log = fixture.Broker.Logs.Find("t", 0)!;

        fault = new Fault(FaultKind.Cut);
        using (var client = fixture.Connect())
        {
            client.SendProduce("t", 0, Batch());
            Assert.Null(await client.ReceiveAsync());
            Assert.Equal(0, log.HighWatermark);
        }
        fault = new Fault(FaultKind.CutAfter);
        using (var client = fixture.Connect())
        {
            client.SendProduce("t", 0, Batch());
            Assert.Null(await client.ReceiveAsync());
            Assert.Equal(1, log.HighWatermark);
        }
        fault = new Fault(FaultKind.Drop);
        using (var client = fixture.Connect())
        {
            client.SendProduce("t", 0, Batch());
            await client.CallAsync(ApiKey.ApiVersions, 0, _ => { });
            Assert.Equal(1, log.HighWatermark);
        }
        fault = Fault.None with { Delay = TimeSpan.FromMilliseconds(1) };
        error = ErrorCode.NotLeaderOrFollower;
        using (var client = fixture.Connect())
        {
            client.SendProduce("t", 0, Batch());
            Assert.Equal(ErrorCode.NotLeaderOrFollower, WireClient.ParseProduce((await client.ReceiveAsync())!.Value.Body).Error);
        }
    }

    [Fact]
    public async Task Internal_topics_take_no_produce_from_clients()
    {
        await using var fixture = await BrokerFixture.StartAsync();
        fixture.Broker.Logs.EnsureInternalTopic("__internal", 1);
        using var client = fixture.Connect();
        client.SendProduce("__internal", 0, Batch());
        Assert.Equal(ErrorCode.InvalidTopicException, WireClient.ParseProduce((await client.ReceiveAsync())!.Value.Body).Error);
    }

    [Fact]
    public async Task A_client_that_goes_away_at_any_moment_leaves_no_line_in_the_log()
    {
        await using var fixture = await BrokerFixture.StartAsync();
        fixture.Create("t");
        var before = fixture.Logger.Entries.Count;
        for (var round = 0; round < 20; round++)
        {
            using var idle = fixture.Connect();
            idle.Reset();
            using var inFrame = fixture.Connect();
            inFrame.SendRaw([0, 0, 1, 0, 0, 18]);
            inFrame.Reset();
            using var closedInFrame = fixture.Connect();
            closedInFrame.SendRaw([0, 0, 1, 0, 0, 18]);
            closedInFrame.Dispose();
            using var waiting = fixture.Connect();
            waiting.SendFetch("t", 0, round * 50, maxWaitMs: 600_000, minBytes: 1 << 20);
            waiting.Reset();
            using var writing = fixture.Connect();
            for (var i = 0; i < 50; i++)
            {
                writing.SendProduce("t", 0, Batch());
            }
            await writing.ReceiveAsync();
            writing.Reset();
            using var reading = fixture.Connect();
            for (var i = 0; i < 50; i++)
            {
                reading.SendFetch("t", 0, 0, maxWaitMs: 0);
            }
            await reading.ReceiveAsync();
            reading.Dispose();
        }
        using var sane = fixture.Connect();
        await sane.CallAsync(ApiKey.ApiVersions, 0, _ => { });
        await fixture.Broker.DisposeAsync(); // every connection has ended
        Assert.DoesNotContain(fixture.Logger.Entries.Skip(before), entry => entry.Level > LogLevel.Debug);
    }

    [Fact]
    public async Task A_split_frame_is_put_together()
    {
        await using var fixture = await BrokerFixture.StartAsync();
        using var client = fixture.Connect();
        var frame = new byte[14];
        BinaryPrimitives.WriteInt32BigEndian(frame, 10);
        BinaryPrimitives.WriteInt16BigEndian(frame.AsSpan(4), (short)ApiKey.ApiVersions);
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(8), 77);
        BinaryPrimitives.WriteInt16BigEndian(frame.AsSpan(12), -1);
        foreach (var b in frame)
        {
            client.SendRaw([b]);
            await Task.Yield();
        }
        Assert.Equal(77, (await client.ReceiveAsync())!.Value.CorrelationId);
    }
}
