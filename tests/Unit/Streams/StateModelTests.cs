using FsCheck;
using FsCheck.Fluent;
using StreamPlatform.Streams;

namespace StreamPlatform.Tests.Unit.Streams;

/// <summary>Keyed state against a plain dictionary, restarts anywhere; and what it costs in the changelog.</summary>
public sealed class StateModelTests
{
    private static readonly ISerde<string> Text = Serdes.Utf8;

    private enum Act { Put, Get, Delete, DeleteAll, Fail, Settle, Restart }

    [Fact]
    public void State_equals_a_dictionary_over_any_sequence_of_changes_failures_and_restarts()
    {
        var acts = from kind in Gen.Frequency((8, Gen.Constant(Act.Put)), (3, Gen.Constant(Act.Get)), (3, Gen.Constant(Act.Delete)), (1, Gen.Constant(Act.DeleteAll)),
                       (1, Gen.Constant(Act.Fail)), (2, Gen.Constant(Act.Settle)), (1, Gen.Constant(Act.Restart)))
                   from key in Gen.Elements("a", "b")
                   from sub in Gen.Elements("", "x", "y", "z/ä")
                   from value in Gen.Choose(0, 99)
                   select (kind, key, sub, value);
        Prop.ForAll(Gen.ListOf(acts).ToArbitrary(), sequence => Run([.. sequence])).Check(Config.QuickThrowOnFailure.WithMaxTest(300));
    }

    private static void Run(List<(Act Kind, string Key, string Sub, int Value)> sequence)
    {
        var builder = new StreamsBuilder("test");
        builder.Stream("in", Text, Text).Process<string, string>("store", Text, (state, command) =>
        {
            var (act, sub, value) = (command.Split('|')[0], command.Split('|')[1], command.Split('|')[2]);
            if (act is nameof(Act.Put) or nameof(Act.Fail)) state.Put(value, sub);
            if (act == nameof(Act.Delete)) state.Delete(sub);
            if (act == nameof(Act.DeleteAll)) state.DeleteAll();
            if (act == nameof(Act.Fail)) throw new PoisonException("its changes are dropped");
            return [$"{state.Get(sub) ?? "none"}:{Show(state.All())}"];
        }).To("out", Text, Text);
        using var driver = new TopologyTestDriver(builder.Build());
        var model = new Dictionary<string, SortedDictionary<string, string>> { ["a"] = new(StringComparer.Ordinal), ["b"] = new(StringComparer.Ordinal) };
        var expected = new List<string>();
        foreach (var (kind, key, sub, value) in sequence)
        {
            if (kind == Act.Settle) { driver.Settle(); continue; }
            if (kind == Act.Restart) { driver.Restart(); continue; } // what was not committed runs again
            driver.Enqueue("in", key, $"{kind}|{sub}|{value}", Text, Text);
            if (kind == Act.Put) model[key][sub] = $"{value}";
            if (kind == Act.Delete) model[key].Remove(sub);
            if (kind == Act.DeleteAll) model[key].Clear();
            if (kind != Act.Fail) expected.Add($"{model[key].GetValueOrDefault(sub) ?? "none"}:{Show(model[key].Select(e => (e.Key, e.Value)))}");
        }
        driver.Settle();
        driver.Restart();
        foreach (var (key, entries) in model)
            foreach (var sub in new[] { "", "x", "y", "z/ä" }) Assert.Equal(entries.GetValueOrDefault(sub), driver.State("store", key, Text, sub));
        driver.Settle();
        Assert.Equal(expected, driver.Read("out", Text, Text).Select(r => r.Value));
    }

    private static string Show(IEnumerable<(string Sub, string Value)> entries) => string.Join(",", entries.Select(e => $"{e.Sub}={e.Value}"));

    [Fact]
    public void A_thousand_updates_of_a_key_in_one_commit_are_one_changelog_record()
    {
        var builder = new StreamsBuilder("test");
        builder.Stream("in", Text, Text).GroupByKey().Count("counts").To("out", Text, Serdes.Int64);
        using var driver = new TopologyTestDriver(builder.Build());
        for (var i = 0; i < 1_000; i++) driver.Enqueue("in", i % 2 == 0 ? "a" : "b", "v", Text, Text);
        driver.Settle();
        var changelog = StreamPlatform.Streams.Topology.ChangelogTopicOf("test", "counts");
        Assert.Equal([500L, 500L], driver.Read(changelog, Serdes.Bytes, Serdes.Int64).Select(r => r.Value));
        Assert.Equal(1_000, driver.Read("out", Text, Serdes.Int64).Count);
        driver.Pipe("in", "a", "v", Text, Text);
        Assert.Equal(501, Assert.Single(driver.Read(changelog, Serdes.Bytes, Serdes.Int64)).Value);
    }
}
