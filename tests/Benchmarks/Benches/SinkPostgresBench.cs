using System.Diagnostics;
using System.Text.Json.Nodes;
using System.Threading.Channels;
using StreamPlatform.Postgres.Stores;
using StreamPlatform.Schemas.V1;
using StreamPlatform.Tests.Benchmarks.Kafka;
using StreamPlatform.Tests.Benchmarks.Sinks;
using StreamPlatform.Topology;

namespace StreamPlatform.Tests.Benchmarks.Benches;

/// <summary>
/// Emotion rows into PostgreSQL: ours through the store, in the batches and with the writers of the persistence sink, into the partitioned table with its primary key, durable batch by batch;
/// the peer is psql's \copy of the same rows from a text file into a plain table without any index, in one transaction. Same server, same settings, tables empty before each run.
/// </summary>
internal static class SinkPostgresBench
{
    private const int DefaultRows = 500_000;
    private const string Plain = "plain_observations";

    public static async Task<JsonObject> RunAsync(BenchOptions options)
    {
        var rows = EmotionRows.Make((int)Math.Min(5_000_000, options.Records ?? DefaultRows));
        await using var sink = await SinkDatabase.StartAsync();
        await sink.ExecuteAsync($"CREATE TABLE {Plain} (LIKE emotion_observations)");
        var file = Path.Combine(sink.Files, "rows.txt");
        var batches = EmotionRows.Batches(rows);
        await OursAsync(sink, batches); // warms up, and is what the peer's file is made of: every column of the table as it is today
        await sink.PsqlAsync($"\\copy (SELECT * FROM emotion_observations) TO '{file}'");
        Say.Line($"{rows.Length:n0} rows, {new FileInfo(file).Length / 1024 / 1024:n0} MiB as text");
        var result = await Alternation.RunAsync(options.Runs, _ => OursAsync(sink, batches), _ => PeerAsync(sink, file, rows.Length), null);
        result.Remove("ceiling");
        result["unit"] = "rows/s";
        result["rows"] = rows.Length;
        result["batch"] = PersistenceSinks.Emotions.MaxRecords;
        result["writers"] = PersistenceSinks.Emotions.MaxConcurrentWrites;
        result["repeated_rows_per_s"] = (await RepeatedAsync(sink, batches))["records_per_s"]!.DeepClone();
        return result;
    }

    private static async Task<JsonObject> OursAsync(SinkDatabase sink, List<EmotionObserved[]> batches)
    {
        await sink.ExecuteAsync("TRUNCATE emotion_observations");
        await sink.ExecuteAsync("CHECKPOINT");
        return await WriteAsync(sink, batches);
    }

    /// <summary>The same rows once more, as after a crash of the broker's offsets: all of them are there already.</summary>
    private static async Task<JsonObject> RepeatedAsync(SinkDatabase sink, List<EmotionObserved[]> batches)
    {
        await OursAsync(sink, batches);
        return await WriteAsync(sink, batches);
    }

    private static async Task<JsonObject> WriteAsync(SinkDatabase sink, List<EmotionObserved[]> batches)
    {
        var store = new PostgresEmotionStore(sink.Database);
        var queue = Channel.CreateUnbounded<EmotionObserved[]>();
        foreach (var batch in batches) queue.Writer.TryWrite(batch);
        queue.Writer.Complete();
        var (client, server, clock) = (ClientSeconds(), sink.ServerSeconds(), Stopwatch.StartNew());
        await Task.WhenAll(Enumerable.Range(0, PersistenceSinks.Emotions.MaxConcurrentWrites).Select(_ => Task.Run(async () =>
        {
            await foreach (var batch in queue.Reader.ReadAllAsync()) await store.WriteEmotionsAsync(batch, CancellationToken.None);
        })));
        var (seconds, clientUsed, serverUsed) = (clock.Elapsed.TotalSeconds, ClientSeconds() - client, sink.ServerSeconds() - server);
        return Result(await CheckedAsync(sink, "emotion_observations", batches.Sum(b => b.Length)), seconds, clientUsed, serverUsed);
    }

    private static async Task<JsonObject> PeerAsync(SinkDatabase sink, string file, int rows)
    {
        await sink.ExecuteAsync($"TRUNCATE {Plain}");
        await sink.ExecuteAsync("CHECKPOINT");
        var (server, clock) = (sink.ServerSeconds(), Stopwatch.StartNew());
        var psql = await sink.PsqlAsync($"\\copy {Plain} FROM '{file}'");
        var (seconds, serverUsed) = (clock.Elapsed.TotalSeconds, sink.ServerSeconds() - server);
        return Result(await CheckedAsync(sink, Plain, rows), seconds, psql, serverUsed);
    }

    private static async Task<int> CheckedAsync(SinkDatabase sink, string table, int rows) =>
        await sink.CountAsync(table) is var found && found == rows ? rows : throw new BenchFailedException($"{table} holds {found} rows instead of {rows}");

    private static double ClientSeconds() => Process.GetCurrentProcess().TotalProcessorTime.TotalSeconds;

    private static JsonObject Result(int rows, double seconds, double client, double server) => new()
    {
        ["records_per_s"] = Math.Round(rows / seconds), ["seconds"] = Math.Round(seconds, 3),
        ["client_us_per_row"] = Math.Round(client * 1e6 / rows, 2), ["server_us_per_row"] = Math.Round(server * 1e6 / rows, 2),
    };
}
