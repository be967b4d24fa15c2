using System.Collections.Concurrent;
using StreamPlatform.Streams;

namespace StreamPlatform.Tests.Conformance.Streams;

public abstract partial class StreamsSuite
{
    /// <summary>Values of a topic by key, in the order of their offsets.</summary>
    private Dictionary<string, List<string?>> ByKey(string topic) => ReadAll(topic).GroupBy(r => r.Message.Key)
        .ToDictionary(g => g.Key, g => g.OrderBy(r => r.Offset.Value).Select(r => (string?)r.Message.Value).ToList());

    private static int Number(string text) => int.Parse(new string([.. text.Where(char.IsAsciiDigit)]));

    [Fact]
    public async Task Steps_branches_and_table_operators_give_the_models_results_once_over_a_crash()
    {
        const int total = 400;
        var (input, rows) = (await Topic("in"), await Topic("rows", compacted: true));
        var (joined, changes, counted) = (await Topic("joined"), await Topic("changes"), await Topic("counted"));
        var peeked = 0;
        void Build(StreamsBuilder b)
        {
            var words = b.Stream(input, Text, Text).Peek((_, _) => Interlocked.Increment(ref peeked)).Filter((_, v) => int.Parse(v) % 5 != 0)
                .FlatMapValues(v => new[] { v, v + "'" })
                .FlatMapAsync("twice", async (_, v, cancel) => { await Task.Delay(Number(v) % 3, cancel); return (IReadOnlyList<string>)[v + "a", v + "b"]; });
            var branches = words.Branch((_, v) => v.EndsWith('a'), (_, v) => v.EndsWith("'b", StringComparison.Ordinal)); // a plain b goes nowhere
            var (even, odd) = branches[0].Split((_, v) => Number(v) % 2 == 0);
            even.MapValues(v => $"even {v}").Merge(odd.MapValues(v => $"odd {v}"))
                .Join(b.Table(rows, Text, Text).Filter((_, row) => row != "row9").MapValues(row => row.ToUpperInvariant()), (v, row) => $"{v} {row}").To(joined, Text, Text);
            branches[1].FlatMapWithState<long, string>("count", Serdes.Int64, (n, v) => (n + 1, [$"{v} {n + 1}"])).To(counted, Text, Text);
            branches[1].ToTable("last", Text).Filter((_, v) => Number(v) % 3 == 0).MapValues(v => $"last {v}").ToStream().To(changes, Text, Text);
        }
        var (expectedJoined, expectedChanges, expectedCounts) = (new Dictionary<string, List<string?>>(), new Dictionary<string, List<string?>>(), new Dictionary<string, List<string?>>());
        foreach (var (key, value) in Numbers(total, Keys).Where(r => int.Parse(r.Item2) % 5 != 0))
        {
            var (n, k) = (int.Parse(value), Number(key));
            if (k < 9) (expectedJoined.TryGetValue(key, out var list) ? list : expectedJoined[key] = []).AddRange(new[] { $"{n}a", $"{n}'a" }.Select(v => $"{(n % 2 == 0 ? "even" : "odd")} {v} ROW{k}"));
            var counts = expectedCounts.TryGetValue(key, out var before) ? before : expectedCounts[key] = [];
            counts.Add($"{n}'b {counts.Count + 1}");
            if (n % 3 == 0) (expectedChanges.TryGetValue(key, out var list) ? list : expectedChanges[key] = []).Add($"last {n}'b");
        }

        await Produce(rows, Enumerable.Range(0, 10).Select(k => ($"key{k}", $"row{k}")));
        await Produce(input, Numbers(total / 2, Keys));
        var first = await Start(Build, o => o.TableWaitMs = 0);
        await Until(changes, 10, first);
        await first.KillAsync();
        await Produce(input, Numbers(total / 2, Keys, total / 2));
        await using var second = await Start(Build, o => o.TableWaitMs = 0);
        await Until(joined, expectedJoined.Values.Sum(l => l.Count), second);
        await Until(changes, expectedChanges.Values.Sum(l => l.Count), second);
        await Eventually(() => second.Health is { InFlight: 0, Lag: 0 }, "quiet");
        Assert.Equivalent(expectedJoined, ByKey(joined), strict: true);
        Assert.Equivalent(expectedChanges, ByKey(changes), strict: true);
        Assert.Equivalent(expectedCounts, ByKey(counted), strict: true);
        Assert.InRange(Volatile.Read(ref peeked), total, 2 * total);
    }

    [Fact]
    public async Task Left_and_outer_joins_of_tables_give_the_last_rows_and_tombstones_over_a_crash()
    {
        var (left, right) = (await Topic("left", compacted: true), await Topic("right", compacted: true));
        var (lefts, outers) = (await Topic("lefts"), await Topic("outers"));
        void Build(StreamsBuilder b)
        {
            var (one, other) = (b.Table(left, Text, Text), b.Table(right, Text, Text));
            one.LeftJoin(other, (l, r) => $"{l}+{r ?? "none"}").To(lefts, Text, Text);
            one.OuterJoin(other, (l, r) => $"{l ?? "none"}+{r ?? "none"}").To(outers, Text, Text);
        }
        var first = await Start(Build);
        await Produce(left, Enumerable.Range(0, 10).Select(i => ($"key{i}", $"l{i}")));
        await Until(outers, 10, first);
        await Produce(right, Enumerable.Range(5, 10).Select(i => ($"key{i}", $"r{i}")));
        await Until(outers, 20, first);
        Assert.Equal(15, ReadAll(lefts).Count); // what only the right side has is announced to the outer join alone
        await first.KillAsync();
        await Produce(left, [("key0", null!), ("key7", null!)]); // deletions while nobody runs
        await Produce(right, [("key8", null!)]);
        await using var second = await Start(Build);
        await Until(outers, 23, second);
        await Eventually(() => second.Health is { InFlight: 0, Lag: 0 }, "quiet");

        var rows = Enumerable.Range(0, 15).ToDictionary(i => $"key{i}", i => (Left: i is >= 10 or 0 or 7 ? null : $"l{i}", Right: i is < 5 or 8 ? null : $"r{i}"));
        Assert.Equivalent(rows.Where(r => r.Value.Left is not null).ToDictionary(r => r.Key, r => $"{r.Value.Left}+{r.Value.Right ?? "none"}"), Last(lefts), strict: true);
        Assert.Equivalent(rows.Where(r => r.Value != (null, null)).ToDictionary(r => r.Key, r => $"{r.Value.Left ?? "none"}+{r.Value.Right ?? "none"}"), Last(outers), strict: true);
        Assert.Equal(23, ReadAll(outers).Count);

        Dictionary<string, string> Last(string topic) => ByKey(topic).Where(k => k.Value[^1] is not null).ToDictionary(k => k.Key, k => k.Value[^1]!);
    }

    [Fact]
    public async Task Inner_and_outer_stream_joins_pair_what_meets_and_give_the_rest_once()
    {
        var (left, right) = (await Topic("left"), await Topic("right"));
        var (pairs, outers) = (await Topic("pairs"), await Topic("outers"));
        void Build(StreamsBuilder b)
        {
            var (one, other) = (b.Stream(left, Text, Text), b.Stream(right, Text, Text));
            var windows = JoinWindows.Of(TimeSpan.FromSeconds(5)).CloseAfterIdle(TimeSpan.FromSeconds(1));
            one.Join(other, "inner", Text, Text, windows, (l, r) => $"{l}+{r}").To(pairs, Text, Text);
            one.OuterJoin(other, "outer", Text, Text, windows, (l, r) => $"{l ?? "none"}+{r ?? "none"}").To(outers, Text, Text);
        }
        await using var application = await Start(Build);
        application.Pause(); // both sides meet before silence passes
        await Produce(left, Numbers(15, 15), 10_000); // keys 0 to 14
        await Produce(right, Enumerable.Range(5, 15).Select(i => ($"key{i}", $"{100 + i}")), 12_000); // keys 5 to 19
        application.Resume();
        await Until(outers, 20, application);
        await Eventually(() => application.Health is { InFlight: 0, Lag: 0 }, "quiet");
        Assert.Equivalent(Enumerable.Range(5, 10).ToDictionary(i => $"key{i}", i => new List<string?> { $"{i}+{100 + i}" }), ByKey(pairs), strict: true);
        Assert.Equivalent(Enumerable.Range(0, 20).ToDictionary(i => $"key{i}", i => new List<string?> { $"{(i < 15 ? i : "none")}+{(i >= 5 ? 100 + i : "none")}" }), ByKey(outers), strict: true);
    }

    [Fact]
    public async Task Window_updates_held_back_and_idle_timers_set_again_take_effect_once_over_a_crash()
    {
        const int perKey = 10;
        var (input, updates, held, idle) = (await Topic("in"), await Topic("updates"), await Topic("held"), await Topic("idle"));
        void Build(StreamsBuilder b)
        {
            var records = b.Stream(input, Text, Text);
            var counts = records.GroupByKey().WindowedBy(TimeWindows.Tumbling(TimeSpan.FromSeconds(10)).Emit(EmitStrategy.OnWindowUpdate))
                .Aggregate("counts", Serdes.Int64, (_, _) => 0L, (n, _, _) => n + 1, (_, w, n) => $"{w.StartMs}:{n}");
            counts.To(updates, Text, Text);
            counts.Suppress("held", Text, Suppressed.UntilTimeLimit(TimeSpan.FromHours(1)).AfterIdle(TimeSpan.FromSeconds(1))).To(held, Text, Text);
            records.Process<string, string>("idle", Text, (state, v) => { state.Put(v); return []; }, new IdleTimer<string, string>(TimeSpan.FromSeconds(1), state =>
            {
                var last = state.Get()!;
                if (last.StartsWith("silent", StringComparison.Ordinal)) { state.DeleteAll(); return [$"gone, {last}"]; }
                state.Put($"silent after {last}");
                state.IdleAgainAfter(TimeSpan.FromMilliseconds(300));
                return [$"silent after {last}"];
            })).To(idle, Text, Text);
        }
        await Produce(input, Numbers(perKey * Keys, Keys), 25_000);
        var first = await Start(Build);
        await Until(updates, perKey * Keys, first);
        await Until(idle, 1, first);
        await first.KillAsync();
        await using var second = await Start(Build);
        await Until(held, Keys, second);
        await Until(idle, 2 * Keys, second);
        await Eventually(() => second.Health is { InFlight: 0, Lag: 0 }, "quiet");
        Assert.Equivalent(PerKey(_ => Enumerable.Range(1, perKey).Select(n => $"20000:{n}")), ByKey(updates), strict: true);
        Assert.Equivalent(PerKey(_ => [$"20000:{perKey}"]), ByKey(held), strict: true);
        Assert.Equivalent(PerKey(k => [$"silent after {(perKey - 1) * Keys + k}", $"gone, silent after {(perKey - 1) * Keys + k}"]), ByKey(idle), strict: true);

        static Dictionary<string, List<string?>> PerKey(Func<int, IEnumerable<string>> values) =>
            Enumerable.Range(0, Keys).ToDictionary(k => $"key{k}", k => values(k).ToList<string?>());
    }

    [Fact]
    public async Task Partition_ordering_runs_one_record_of_a_partition_at_a_time()
    {
        var (input, output) = (await Topic("in"), await Topic("out"));
        var (inside, most) = (new ConcurrentDictionary<int, int>(), new ConcurrentDictionary<int, int>());
        await Produce(input, Numbers(200, Keys));
        await using var application = await Start(b => b.Stream(input, Text, Text).Ordered(Ordering.Partition).MapAsync("slow", async (context, v, cancel) =>
        {
            var now = inside.AddOrUpdate(context.Partition, 1, (_, n) => n + 1);
            most.AddOrUpdate(context.Partition, now, (_, n) => Math.Max(n, now));
            await Task.Delay(int.Parse(v) % 3, cancel);
            inside.AddOrUpdate(context.Partition, 0, (_, n) => n - 1);
            return $"{context.Offset}";
        }).To(output, Text, Text));
        var read = await Until(output, 200, application);
        Assert.All(most, m => Assert.Equal(1, m.Value));
        foreach (var partition in read.GroupBy(r => r.Partition.Value))
            Assert.Equal(Enumerable.Range(0, partition.Count()), partition.OrderBy(r => r.Offset.Value).Select(r => int.Parse(r.Message.Value)));
    }
}
