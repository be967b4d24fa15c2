using System.Diagnostics;
using System.Text.Json.Nodes;
using System.Threading.Channels;
using StreamPlatform.EmotionSeries;
using StreamPlatform.Schemas.V1;
using StreamPlatform.Tests.Benchmarks.Kafka;
using StreamPlatform.Tests.Benchmarks.Sinks;
using StreamPlatform.Topology;

namespace StreamPlatform.Tests.Benchmarks.Benches;

/// <summary>
/// Emotion rows into Apache Cassandra: ours through the store, in the batches and with the writers of the persistence sink; the peer is npm cassandra-driver's executeConcurrent
/// with a prepared statement, at the best of several concurrency levels. Same node, same table, same consistency, table empty before each run, every row counted after it.
/// </summary>
internal static class SinkCassandraBench
{
    private const int DefaultRows = 300_000;
    private const int TuningRows = 30_000;
    private const string Ours = "bench_ours";
    private const string Peer = "bench_peer";

    private static readonly (int Concurrency, int Connections)[] Levels = [(32, 1), (128, 1), (512, 1), (1024, 1), (128, 2), (512, 2)];

    public static async Task<JsonObject> RunAsync(BenchOptions options)
    {
        var rows = EmotionRows.Make((int)Math.Min(2_000_000, options.Records ?? DefaultRows));
        var batches = EmotionRows.Batches(rows);
        var defaults = new CassandraSeriesOptions();
        Say.Line("starting Apache Cassandra");
        await using var cassandra = await SinkCassandra.StartAsync();
        await using var ours = await cassandra.OpenAsync(Ours, defaults.MaxInFlight, defaults.RowsPerRequest);
        await using var peer = await cassandra.OpenAsync(Peer, defaults.MaxInFlight, defaults.RowsPerRequest); // makes the tables, and counts
        var (file, tuning) = (Path.Combine(cassandra.Files, "rows.json"), Path.Combine(cassandra.Files, "tuning.json"));
        await SinkCassandra.WriteRowsAsync(rows, Peer, file);
        await SinkCassandra.WriteRowsAsync(rows.Take(TuningRows), Peer, tuning);
        await WriteAsync(ours, EmotionRows.Batches(rows[..Math.Min(rows.Length, TuningRows)]));
        var (best, levels) = await TuneAsync(cassandra, tuning);

        var result = await Alternation.RunAsync(options.Runs, _ => OursAsync(cassandra, ours, rows, batches), _ => PeerAsync(cassandra, peer, rows, file, best, "single"), null);
        result.Remove("ceiling");
        result["unit"] = "rows/s";
        result["rows"] = rows.Length;
        result["peer_concurrency"] = best.Concurrency;
        result["peer_connections"] = best.Connections;
        result["peer_levels"] = levels;
        await using var single = await cassandra.OpenAsync(Ours, 512, 1);
        result["ours_single_rows"] = await OursAsync(cassandra, single, rows, batches);
        result["peer_batches"] = await PeerAsync(cassandra, peer, rows, file, (32, 1), "batch");
        return result;
    }

    private static async Task<((int Concurrency, int Connections), JsonArray)> TuneAsync(SinkCassandra cassandra, string file)
    {
        var levels = new JsonArray();
        await cassandra.NodeAsync(Peer, file, 128, 1, "single"); // the node's own warm-up
        var (best, most) = (Levels[0], 0.0);
        foreach (var level in Levels)
        {
            var rate = (await cassandra.NodeAsync(Peer, file, level.Concurrency, level.Connections, "single"))["records_per_s"]!.GetValue<double>();
            levels.Add(new JsonObject { ["concurrency"] = level.Concurrency, ["connections"] = level.Connections, ["records_per_s"] = rate });
            Say.Line($"peer at {level.Concurrency} in flight on {level.Connections} connections: {rate:n0}/s");
            if (rate > most) (best, most) = (level, rate);
        }

        return (best, levels);
    }

    private static async Task<JsonObject> OursAsync(SinkCassandra cassandra, CassandraSeries series, EmotionObserved[] rows, List<EmotionObserved[]> batches)
    {
        await cassandra.ExecuteAsync($"TRUNCATE {Ours}.{EmotionTable.Name}");
        return await CheckedAsync(series, rows, await WriteAsync(series, batches));
    }

    private static async Task<JsonObject> PeerAsync(SinkCassandra cassandra, CassandraSeries series, EmotionObserved[] rows, string file, (int Concurrency, int Connections) level, string mode)
    {
        await cassandra.ExecuteAsync($"TRUNCATE {Peer}.{EmotionTable.Name}");
        await series.Store.WriteEmotionsAsync([.. rows.GroupBy(row => (row.SessionId, EmotionTable.BucketOf(row.Sequence))).Select(part => part.First())], CancellationToken.None); // lists the buckets
        return await CheckedAsync(series, rows, await cassandra.NodeAsync(Peer, file, level.Concurrency, level.Connections, mode));
    }

    private static async Task<JsonObject> WriteAsync(CassandraSeries series, List<EmotionObserved[]> batches)
    {
        var queue = Channel.CreateUnbounded<EmotionObserved[]>();
        foreach (var batch in batches) queue.Writer.TryWrite(batch);
        queue.Writer.Complete();
        var (used, clock) = (Cpu(), Stopwatch.StartNew());
        await Task.WhenAll(Enumerable.Range(0, PersistenceSinks.Emotions.MaxConcurrentWrites).Select(_ => Task.Run(async () =>
        {
            await foreach (var batch in queue.Reader.ReadAllAsync()) await series.Store.WriteEmotionsAsync(batch, CancellationToken.None);
        })));
        var (seconds, cpu, count) = (clock.Elapsed.TotalSeconds, Cpu() - used, batches.Sum(batch => batch.Length));
        return new() { ["records_per_s"] = Math.Round(count / seconds), ["seconds"] = Math.Round(seconds, 3), ["client_us_per_row"] = Math.Round(cpu * 1e6 / count, 2) };
    }

    private static async Task<JsonObject> CheckedAsync(CassandraSeries series, EmotionObserved[] rows, JsonObject result)
    {
        var found = 0L;
        foreach (var session in rows.Select(row => row.SessionId).Distinct()) found += await series.Reader.CountEmotionsAsync(session, CancellationToken.None);
        return found == rows.Length ? result : throw new BenchFailedException($"the table holds {found} rows instead of {rows.Length}");
    }

    private static double Cpu() => Process.GetCurrentProcess().TotalProcessorTime.TotalSeconds;
}
