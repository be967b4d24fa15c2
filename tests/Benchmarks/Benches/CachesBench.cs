using System.Text.Json.Nodes;
using StreamPlatform.Caching;
using StreamPlatform.Gateway.Results;
using StreamPlatform.Postgres.Stores;
using StreamPlatform.Tests.Benchmarks.Caches;
using StreamPlatform.Tests.Benchmarks.Kafka;
using StreamPlatform.Tests.Benchmarks.Sinks;
using StreamPlatform.Tests.Unit.Postgres.Queries;
using StreamPlatform.Topology.Caching;
using StreamPlatform.Topology.Ports;

namespace StreamPlatform.Tests.Benchmarks.Benches;

/// <summary>
/// Results of 10,000 finished interviews of 30 minutes (180 windows, 3 answers each) by 8 and by 32 clients: from the store, kept in the process, from Redis, and a mix in which nine of ten
/// requests are for a tenth of the interviews. Clients ask as fast as they are answered, on the machine that runs the stores, too: these are times under full load. Besides: makings
/// when 64 ask at once for what is kept nowhere, at one instance and at two.
/// </summary>
internal static class CachesBench
{
    private const int Interviews = 10_000;
    private const int Windows = 180;
    private const int Requests = 10_000;
    private const int Stampedes = 20;
    private const int AtOnce = 64;
    private const double LimitMs = 10;

    public static async Task<JsonObject> RunAsync(BenchOptions options)
    {
        await using var database = await SinkDatabase.StartAsync();
        await using var redis = await BenchRedis.StartAsync();
        var interviews = (int)Math.Clamp(options.Records ?? Interviews, 1_000, Interviews);
        var sessions = await FillAsync(database, interviews);
        var store = new CountedResults(new InterviewQueries(database.Database, new EmotionSeriesQueries(database.Database)));
        await using var tier = await redis.ConnectAsync();
        var bytes = await PrimeAsync(store, tier, sessions);
        Say.Line($"{sessions.Length:n0} interviews in the store and in Redis, {bytes:n0} bytes each");

        List<Dictionary<string, JsonObject>> runs = [];
        for (var run = 0; run < options.Runs; run++)
        {
            runs.Add(await MeasureAsync(store, tier, sessions));
        }

        var paths = new JsonArray([.. runs[0].Keys.Select(path => (JsonNode)Middle(path, [.. runs.Select(r => r[path])]))]);
        Table(paths);
        var (ours, peer) = (P95(paths, "redis", 32), P95(paths, "store", 32));
        var worst = paths.Where(p => IsLimited((string)p!["path"]!, (int)p["clients"]!)).Max(p => (double)p!["p95_ms"]!);
        var result = new JsonObject
        {
            ["unit"] = "ms at the 95th percentile, 32 clients, from Redis; the peer is the store", ["ours"] = ours, ["peer"] = peer, ["ratio"] = Math.Round(peer / ours, 2),
            ["interviews"] = sessions.Length, ["value_bytes"] = bytes, ["worst_p95_ms"] = worst, ["limit_ms"] = LimitMs, ["runs"] = options.Runs, ["paths"] = paths,
            ["stampede"] = await StampedeAsync(store, redis, sessions),
        };
        return worst < LimitMs ? result : throw new BenchFailedException($"95 of 100 cached answers take up to {worst:f1} ms, more than {LimitMs} ms\n{result}");
    }

    /// <summary>A process that has nothing yet, asked by 32 as fast as it answers, shows how much Redis and its decoding bear, not how long a person waits.</summary>
    private static bool IsLimited(string path, int clients) => path != "store" && (path, clients) != ("redis", 32);

    private static async Task<Dictionary<string, JsonObject>> MeasureAsync(CountedResults store, ICacheTier tier, string[] sessions)
    {
        Dictionary<string, JsonObject> paths = [];
        foreach (var clients in new[] { 8, 32 })
        {
            async Task AddAsync(string path, Func<string, Task> ask, Func<int, string> which)
            {
                using var counts = new CacheCounts(CachePolicy.Results.Name);
                var measured = await CacheLoad.RunAsync(clients, path == "store" ? Requests / 5 : Requests, i => ask(which(i)));
                if (path != "store") (measured["hit_rate"], measured["evictions"]) = (Math.Round(counts.HitRate, 4), counts.Evictions);
                paths[$"{path} {clients}"] = measured;
            }

            string[] hot = sessions[..(sessions.Length / 10)];
            await AddAsync("store", id => store.GetResultsAsync(id, default), Mix);
            using (var alone = new CachedResults(store, new NoTier(), TimeProvider.System))
            {
                foreach (var id in hot) await alone.GetResultsAsync(id, default);
                await AddAsync("process", id => alone.GetResultsAsync(id, default), i => hot[i % hot.Length]);
            }

            using (var fresh = new CachedResults(store, tier, TimeProvider.System)) // has nothing itself: each session is asked for once
            {
                await AddAsync("redis", id => fresh.GetResultsAsync(id, default), i => sessions[i % sessions.Length]);
            }

            using var mixed = new CachedResults(store, tier, TimeProvider.System);
            await AddAsync("mix", id => mixed.GetResultsAsync(id, default), Mix);
            string Mix(int i)
            {
                var random = new Random(i);
                return random.Next(10) > 0 ? hot[random.Next(hot.Length)] : sessions[random.Next(sessions.Length)];
            }
        }

        return paths;
    }

    /// <summary>As many ask at once for one session that is kept nowhere: how often the store is asked, on average and at most.</summary>
    private static async Task<JsonObject> StampedeAsync(CountedResults store, BenchRedis redis, string[] sessions)
    {
        await using var tierA = await redis.ConnectAsync();
        await using var tierB = await redis.ConnectAsync();
        using var alone = new CachedResults(store, new NoTier(), TimeProvider.System);
        using var a = new CachedResults(store, tierA, TimeProvider.System);
        using var b = new CachedResults(store, tierB, TimeProvider.System);
        async Task<JsonArray> MakingsAsync(params CachedResults[] instances)
        {
            List<long> makings = [];
            foreach (var id in sessions[..Stampedes])
            {
                foreach (var instance in instances) await instance.InvalidateAsync(id, default);
                var before = store.Reads;
                await Task.WhenAll(Enumerable.Range(0, AtOnce).Select(i => instances[i % instances.Length].GetResultsAsync(id, default)));
                makings.Add(store.Reads - before);
            }

            return [Math.Round(makings.Average(), 2), makings.Max()];
        }

        return new() { ["asking_at_once"] = AtOnce, ["makings_one_instance_mean_max"] = await MakingsAsync(alone), ["makings_two_instances_mean_max"] = await MakingsAsync(a, b) };
    }

    private static async Task<string[]> FillAsync(SinkDatabase database, int interviews)
    {
        var seed = new QuerySeed(database.Database, interviews * 5, interviews, 20); // one session in five has all that results show
        await seed.FillAsync(CancellationToken.None);
        await database.ExecuteAsync($"""
            INSERT INTO emotion_windows (session_id, start_at, end_at, tenant, frames_analysed, frames_with_face, face_ratio, happy, neutral, dominant, blinks, first_sequence, last_sequence)
            SELECT session_id, start_at + w * interval '10 s', end_at + w * interval '10 s', tenant, 20, 20, 1, 0.7 + w * 1e-4, 0.3 - w * 1e-4, 'happy', 2, w * 20, w * 20 + 19
            FROM emotion_windows, generate_series(1, {Windows - 1}) w
            """);
        await database.ExecuteAsync("VACUUM (ANALYZE)");
        return [.. Enumerable.Range(0, interviews).Select(seed.BusySession)];
    }

    /// <summary>Puts all into Redis; returns the mean size of a value.</summary>
    private static async Task<long> PrimeAsync(CountedResults store, RedisTier tier, string[] sessions)
    {
        using var priming = new CachedResults(store, tier, TimeProvider.System);
        await CacheLoad.RunAsync(4, sessions.Length, i => priming.GetResultsAsync(sessions[i], default));
        long bytes = 0;
        const int sampled = 100;
        foreach (var id in sessions[..sampled])
        {
            bytes += (await tier.GetAsync(CachedSession.RemoteResults(id), default) ?? throw new BenchFailedException("a finished interview is not in Redis")).Length;
        }

        return bytes / sampled;
    }

    private static JsonObject Middle(string path, JsonObject[] runs)
    {
        var middle = (JsonObject)runs.OrderBy(r => (double)r["p95_ms"]!).ElementAt(runs.Length / 2).DeepClone();
        middle.Insert(0, "path", path[..path.IndexOf(' ')]);
        return middle;
    }

    private static double P95(JsonArray paths, string path, int clients) => (double)paths.First(p => (string)p!["path"]! == path && (int)p["clients"]! == clients)!["p95_ms"]!;

    private static void Table(JsonArray paths)
    {
        Say.Line("path     clients       p50       p95       p99    requests/s  hits");
        foreach (var p in paths)
        {
            Say.Line($"{(string)p!["path"]!,-8} {(int)p["clients"]!,7} {(double)p["p50_ms"]!,9:f3} {(double)p["p95_ms"]!,9:f3} {(double)p["p99_ms"]!,9:f3} {(double)p["requests_per_s"]!,13:n0}  {p["hit_rate"]}");
        }
    }

    /// <summary>The store, and how often it was asked for results.</summary>
    private sealed class CountedResults(IResultsReader stored) : IResultsReader
    {
        private long reads;

        public long Reads => Interlocked.Read(ref reads);

        public Task<IReadOnlyList<SessionRow>> ListSessionsAsync(SessionPage page, CancellationToken cancellationToken) => stored.ListSessionsAsync(page, cancellationToken);

        public Task<InterviewResults?> GetResultsAsync(string sessionId, CancellationToken cancellationToken)
        {
            Interlocked.Increment(ref reads);
            return stored.GetResultsAsync(sessionId, cancellationToken);
        }
    }
}
