using System.Buffers.Binary;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Text;
using System.Text.Json.Nodes;
using Confluent.Kafka;
using StreamPlatform.Streams;

namespace StreamPlatform.Tests.Benchmarks.Work;

/// <summary>A changelog of many keys, and the two ways to read it. IN is the application's id, OUT its (empty) input topic.</summary>
internal static class RestoreWork
{
    public const string Store = "counts";

    public static async Task<JsonObject> RunAsync(WorkerArguments arguments) => arguments.Kind switch
    {
        "restore-fill" => Fill(arguments),
        "restore-plain" => Plain(arguments),
        _ => await RestoreAsync(arguments),
    };

    private static string Changelog(WorkerArguments arguments) => Streams.Topology.ChangelogTopicOf(arguments.In, Store);

    /// <summary>As the runtime writes it: length of the key, key, no sub-key; a count.</summary>
    private static JsonObject Fill(WorkerArguments arguments)
    {
        using var producer = new ProducerBuilder<byte[], byte[]>(new ProducerConfig { BootstrapServers = arguments.BootstrapServers, LingerMs = 20, QueueBufferingMaxMessages = 200_000, EnableDeliveryReports = false }).Build();
        var value = new byte[8];
        for (long i = 0; i < arguments.Records; i++)
        {
            var text = Encoding.UTF8.GetBytes($"session-{i}");
            var key = new byte[4 + text.Length];
            BinaryPrimitives.WriteInt32BigEndian(key, text.Length);
            text.CopyTo(key, 4);
            BinaryPrimitives.WriteInt64BigEndian(value, i);
            var message = new Message<byte[], byte[]> { Key = key, Value = value };
            while (true)
            {
                try { producer.Produce(new TopicPartition(Changelog(arguments), (int)(i % 4)), message); break; }
                catch (ProduceException<byte[], byte[]> e) when (e.Error.Code == ErrorCode.Local_QueueFull) { producer.Flush(TimeSpan.FromMilliseconds(100)); }
            }
        }
        producer.Flush(TimeSpan.FromSeconds(60));
        return new JsonObject { ["records"] = arguments.Records };
    }

    private static JsonObject Plain(WorkerArguments arguments)
    {
        using var consumer = new ConsumerBuilder<byte[], byte[]>(new ConsumerConfig
        {
            BootstrapServers = arguments.BootstrapServers, GroupId = $"{arguments.In}-plain", IsolationLevel = IsolationLevel.ReadCommitted, EnableAutoCommit = false, EnablePartitionEof = true,
        }).Build();
        var clock = Stopwatch.StartNew();
        consumer.Assign(Enumerable.Range(0, 4).Select(p => new TopicPartitionOffset(Changelog(arguments), p, Offset.Beginning)));
        long seen = 0;
        for (var ends = 0; ends < 4;)
        {
            if (consumer.Consume(1_000) is not { } result) continue;
            if (result.IsPartitionEOF) ends++;
            else seen++;
        }
        return Result("restore-plain", seen, clock.Elapsed.TotalSeconds);
    }

    private static async Task<JsonObject> RestoreAsync(WorkerArguments arguments)
    {
        var before = GC.GetTotalMemory(forceFullCollection: true);
        double restoreMs = 0;
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, me) => { if (instrument.Name == "streams.restore.duration") me.EnableMeasurementEvents(instrument); };
        listener.SetMeasurementEventCallback<double>((_, ms, _, _) => restoreMs = ms);
        listener.Start();
        var builder = new StreamsBuilder(arguments.In);
        builder.Stream(arguments.Out, Serdes.Utf8, Serdes.Bytes).Process<long, long>(Store, Serdes.Int64, (_, _) => []);
        await using var application = new StreamsApplication(builder.Build(), new StreamsOptions { BootstrapServers = arguments.BootstrapServers });
        await application.StartAsync();
        await application.Running.WaitAsync(TimeSpan.FromMinutes(3));
        var result = Result("restore", arguments.Records, restoreMs / 1000);
        result["state_bytes_per_1m_keys"] = (GC.GetTotalMemory(forceFullCollection: true) - before) * 1_000_000 / arguments.Records;
        return result;
    }

    private static JsonObject Result(string kind, long records, double seconds) => new()
    {
        ["worker"] = kind, ["records"] = records, ["seconds"] = Math.Round(seconds, 3), ["records_per_s"] = Math.Round(records / seconds),
    };
}
