using StreamPlatform.Streams;

namespace StreamPlatform.Tests.Unit.Streams;

/// <summary>Repartition: equal keys meet again after a key was changed.</summary>
public sealed class RepartitionTests
{
    private static readonly ISerde<string> Text = Serdes.Utf8;

    private static StreamPlatform.Streams.Topology ByLength(StreamsBuilder builder)
    {
        builder.Stream("words", Text, Text).SelectKey((_, word) => $"{word.Length}").GroupByKey("by-length", Text, Text).Count("lengths").MapValues(n => $"{n}").To("counts", Text, Text);
        return builder.Build();
    }

    [Fact]
    public void Records_are_counted_by_their_new_key()
    {
        using var driver = new TopologyTestDriver(ByLength(new StreamsBuilder("app")));
        foreach (var word in new[] { "a", "bb", "c", "dd", "ee" }) driver.Pipe("words", word, word, Text, Text);
        Assert.Equal([("1", "1"), ("2", "1"), ("1", "2"), ("2", "2"), ("2", "3")], driver.Read("counts", Text, Text).Select(r => (r.Key!, r.Value!)));
        driver.Restart();
        driver.Pipe("words", "f", "f", Text, Text);
        Assert.Equal("3", driver.Read("counts", Text, Text).Single().Value);
    }

    [Fact]
    public void Event_time_and_headers_go_along()
    {
        using var driver = new TopologyTestDriver(ByLength(new StreamsBuilder("app")));
        var headers = new RecordHeaders().Add("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01").Add("other", "x");
        driver.Pipe("words", "k", "word", Text, Text, 1234, headers);
        var moved = driver.Read("app-by-length-repartition", Text, Text).Single();
        Assert.Equal(("4", "word", 1234L, "x"), (moved.Key!, moved.Value!, moved.TimestampMs, moved.Headers.LastUtf8("other")!));
        var output = driver.Read("counts", Text, Text).Single();
        Assert.Equal(1234, output.TimestampMs);
        Assert.Equal(headers.LastUtf8("traceparent"), output.Headers.LastUtf8("traceparent"));
    }

    [Fact]
    public void A_changed_key_needs_a_repartition_and_the_error_says_so()
    {
        var stream = new StreamsBuilder("app").Stream("in", Text, Text).SelectKey((_, v) => v);
        Assert.Contains("Repartition", Assert.Throws<StreamsConfigurationException>(() => stream.GroupByKey().Count("counts")).Message);
    }

    [Fact]
    public void An_unchanged_key_is_grouped_in_place()
    {
        var builder = new StreamsBuilder("app");
        builder.Stream("in", Text, Text).GroupByKey("same", Text, Text).Count("counts");
        Assert.Equal(["in"], builder.Build().InputTopics);
    }

    [Fact]
    public void A_repartitioned_stream_joins_a_table()
    {
        var builder = new StreamsBuilder("app");
        var names = builder.Table("names", Text, Text);
        builder.Stream("orders", Text, Text).SelectKey((_, v) => v).Repartition("by-person", Text, Text).LeftJoin(names, (id, name) => $"{id}={name}").To("out", Text, Text);
        using var driver = new TopologyTestDriver(builder.Build());
        driver.Pipe("names", "p1", "Ada", Text, Text);
        driver.Pipe("orders", "o1", "p1", Text, Text);
        Assert.Equal("p1=Ada", driver.Read("out", Text, Text).Single().Value);
    }

    [Fact]
    public void The_description_shows_where_records_go_on()
    {
        var topology = ByLength(new StreamsBuilder("app"));
        Assert.Contains("repartition app-by-length-repartition => sub-topology 1", topology.Describe());
        Assert.Contains("==>", topology.DescribeMermaid());
    }

    [Fact]
    public void Partition_counts_follow_what_is_asked_then_the_joined_inputs_then_the_feeder()
    {
        var builder = new StreamsBuilder("app");
        var table = builder.Table("table", Text, Text);
        var stream = builder.Stream("in", Text, Text).SelectKey((_, v) => v);
        stream.Repartition("asked", Text, Text, 7).To("out", Text, Text);
        stream.Repartition("joined", Text, Text).Join(table, (v, _) => v).To("out", Text, Text);
        stream.Repartition("fed", Text, Text).SelectKey((_, v) => v).Repartition("fed-again", Text, Text).To("out", Text, Text);
        var counts = InternalTopics.Counts(builder.Build(), new Dictionary<string, int> { ["in"] = 3, ["table"] = 5, ["out"] = 1 });
        Assert.Equal((7, 5, 3, 3), (counts["app-asked-repartition"], counts["app-joined-repartition"], counts["app-fed-repartition"], counts["app-fed-again-repartition"]));
    }
}
