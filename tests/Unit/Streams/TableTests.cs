using FsCheck;
using FsCheck.Fluent;
using StreamPlatform.Streams;

namespace StreamPlatform.Tests.Unit.Streams;

/// <summary>Tables as results: changes, look-ups, table-table joins.</summary>
public sealed class TableTests
{
    private static readonly ISerde<string> Text = Serdes.Utf8;

    private static TopologyTestDriver Driver(Action<StreamsBuilder> build)
    {
        var builder = new StreamsBuilder("test");
        build(builder);
        return new TopologyTestDriver(builder.Build());
    }

    private static List<string> Out(TopologyTestDriver driver) => [.. driver.Read("out", Text, Text).Select(r => $"{r.Key}={r.Value ?? "gone"}")];

    [Fact]
    public void A_tables_changes_are_processed_once_each_also_over_a_restart()
    {
        using var driver = Driver(b => b.Table("table", Text, Text).MapValues(v => v + "!").To("out", Text, Text));
        driver.Pipe("table", "a", "1", Text, Text);
        driver.Pipe("table", "a", "2", Text, Text);
        driver.Restart();
        driver.Pipe("table", "a", (string?)null, Text, Text);
        Assert.Equal(["a=1!", "a=2!", "a=gone"], Out(driver));
    }

    [Fact]
    public void A_row_that_ceases_to_pass_the_filter_is_deleted_downstream_and_absent_in_joins()
    {
        using var driver = Driver(b =>
        {
            var table = b.Table("table", Text, Text).Filter((_, v) => v != "bad");
            table.To("out", Text, Text);
            b.Stream("in", Text, Text).LeftJoin(table, (v, row) => $"{v}-{row ?? "none"}").To("joined", Text, Text);
        });
        driver.Pipe("table", "a", "good", Text, Text);
        driver.Pipe("in", "a", "1", Text, Text);
        driver.Pipe("table", "a", "bad", Text, Text);
        driver.Restart();
        driver.Pipe("in", "a", "2", Text, Text);
        Assert.Equal(["a=good", "a=gone"], Out(driver));
        Assert.Equal(["1-good", "2-none"], driver.Read("joined", Text, Text).Select(r => r.Value));
    }

    [Fact]
    public void An_aggregate_becomes_a_table_that_streams_join()
    {
        using var driver = Driver(b =>
        {
            var visits = b.Stream("visits", Text, Text);
            var counts = visits.GroupByKey().Count("counts").ToTable("latest", Serdes.Int64);
            counts.ToStream().MapValues(n => $"{n}").To("out", Text, Text);
            b.Stream("asks", Text, Text).Join(counts, (v, n) => $"{v}:{n}").To("answers", Text, Text);
        });
        driver.Pipe("asks", "a", "early", Text, Text);
        driver.Pipe("visits", "a", "x", Text, Text);
        driver.Pipe("visits", "a", "x", Text, Text);
        driver.Restart();
        driver.Pipe("asks", "a", "now", Text, Text);
        Assert.Equal(["a=1", "a=2"], Out(driver));
        Assert.Equal(["now:2"], driver.Read("answers", Text, Text).Select(r => r.Value));
    }

    private enum Kind { Inner, Left, Outer }

    /// <summary>Replaying the changes gives, at every moment, the join of both tables as they are.</summary>
    [Fact]
    public void Table_joins_equal_the_model()
    {
        var acts = from what in Gen.Frequency((6, Gen.Constant("left")), (6, Gen.Constant("right")), (1, Gen.Constant("restart")))
                   from key in Gen.Elements("a", "b")
                   from value in Gen.Choose(0, 4)
                   select (what, key, value);
        Prop.ForAll(Gen.ListOf(acts).ToArbitrary(), Gen.Elements(Kind.Inner, Kind.Left, Kind.Outer).ToArbitrary(), (sequence, kind) => Run([.. sequence], kind))
            .Check(Config.QuickThrowOnFailure.WithMaxTest(200));
    }

    private static void Run(List<(string What, string Key, int Value)> sequence, Kind kind)
    {
        using var driver = Driver(b =>
        {
            var left = b.Table("left", Text, Text);
            var right = b.Table("right", Text, Text);
            (kind switch
            {
                Kind.Inner => left.Join(right, (l, r) => l + r),
                Kind.Left => left.LeftJoin(right, (l, r) => l + r),
                _ => left.OuterJoin(right, (l, r) => l + r),
            }).To("out", Text, Text);
        });
        Dictionary<string, string> left = [], right = [], seen = [];
        foreach (var (what, key, value) in sequence)
        {
            if (what == "restart") { driver.Restart(); continue; }
            var table = what == "left" ? left : right;
            var row = value == 0 ? null : what[0] + $"{value}";
            if (row is null) table.Remove(key); else table[key] = row;
            driver.Pipe(what, key, row, Text, Text);
            foreach (var record in driver.Read("out", Text, Text))
                if (record.Value is null) seen.Remove(record.Key!); else seen[record.Key!] = record.Value;
            var keys = kind switch { Kind.Inner => left.Keys.Intersect(right.Keys), Kind.Left => left.Keys, _ => left.Keys.Union(right.Keys) };
            Assert.Equal(keys.Order().Select(k => (k, left.GetValueOrDefault(k) + right.GetValueOrDefault(k))), seen.OrderBy(r => r.Key).Select(r => (r.Key, r.Value)));
        }
    }
}
