using System.Diagnostics;
using StreamPlatform.Streams;

namespace StreamPlatform.Tests.Unit.Streams;

/// <summary>One span per record, from its producer's to its consumers'.</summary>
public sealed class SpanTests
{
    private static readonly ISerde<string> Text = Serdes.Utf8;
    private const string Parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    /// <summary>Spans of one application; others run beside.</summary>
    private static ActivityListener Listen(string application, List<Activity> stopped)
    {
        var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == StreamsMetrics.Name,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = activity => { if (activity.OperationName == $"{application} process") lock (stopped) stopped.Add(activity); },
        };
        ActivitySource.AddActivityListener(listener);
        return listener;
    }

    [Fact]
    public void A_record_is_one_span_whose_parent_it_brought_and_whose_id_its_outputs_carry()
    {
        var spans = new List<Activity>();
        using var listener = Listen("spans", spans);
        string? inside = null;
        var builder = new StreamsBuilder("spans");
        builder.Stream("in", Text, Text).FlatMapValues(v => v.Split(',')).MapAsync("call", (_, v, _) => { inside = Activity.Current?.Id; return Task.FromResult(v); }).To("out", Text, Text);
        using var driver = new TopologyTestDriver(builder.Build());
        driver.Pipe("in", "k", "1,2", Text, Text, headers: new RecordHeaders().Add("traceparent", Parent));
        driver.Pipe("in", "k", "3", Text, Text);

        Assert.Equal(2, spans.Count);
        Assert.Equal(Parent, spans[0].ParentId);
        Assert.Null(spans[1].ParentId);
        Assert.All(spans, s => Assert.Equal((ActivityKind.Consumer, "in"), (s.Kind, s.GetTagItem("messaging.source.name"))));
        Assert.Equal([0L, 1L], spans.Select(s => s.GetTagItem("messaging.kafka.offset")));
        Assert.Equal([spans[0].Id, spans[0].Id, spans[1].Id], driver.Read("out", Text, Text).Select(r => r.Headers.LastUtf8("traceparent")));
        Assert.Equal(spans[1].Id, inside);
    }

    [Fact]
    public void A_repartition_continues_the_trace_in_a_span_below_the_first()
    {
        var spans = new List<Activity>();
        using var listener = Listen("spans-over", spans);
        var builder = new StreamsBuilder("spans-over");
        builder.Stream("in", Text, Text).SelectKey((_, v) => v).Repartition("by-value", Text, Text).To("out", Text, Text);
        using var driver = new TopologyTestDriver(builder.Build());
        driver.Pipe("in", "k", "v", Text, Text, headers: new RecordHeaders().Add("traceparent", Parent));
        Assert.Equal(2, spans.Count);
        Assert.Equal(Parent, spans[0].ParentId);
        Assert.Equal(spans[0].Id, spans[1].ParentId);
        Assert.Equal(spans[1].Id, Assert.Single(driver.Read("out", Text, Text)).Headers.LastUtf8("traceparent"));
    }

    [Fact]
    public void Without_a_listener_the_traceparent_goes_through()
    {
        var builder = new StreamsBuilder("spans-none");
        builder.Stream("in", Text, Text).To("out", Text, Text);
        using var driver = new TopologyTestDriver(builder.Build());
        driver.Pipe("in", "k", "v", Text, Text, headers: new RecordHeaders().Add("traceparent", Parent));
        var trace = Assert.Single(driver.Read("out", Text, Text)).Headers.LastUtf8("traceparent")!;
        Assert.StartsWith(Parent[..35], trace); // another test's listener may be there: then it is a span of the same trace
    }
}
