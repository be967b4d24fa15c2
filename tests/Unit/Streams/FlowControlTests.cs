using StreamPlatform.Streams;

namespace StreamPlatform.Tests.Unit.Streams;

/// <summary>Pause at the bound, resume at half: a pause drops what the client prefetched, so it must neither flap nor come for a moment's burst.</summary>
public sealed class FlowControlTests
{
    private const double Hold = 0.3; // polling stops at once, reading pauses after this
    private static readonly ISerde<string> Text = Serdes.Utf8;
    private readonly Consumer consumer = new();
    private readonly SingleTask single;
    private readonly FlowControl flow;

    public FlowControlTests()
    {
        single = new SingleTask(b => b.Stream("in", Text, Text).LeftJoin(b.Table("rows", Text, Text), (v, _) => v).MapAsync("never", (_, v, _) => new TaskCompletionSource<string>().Task).To("out", Text, Text),
            new StreamsOptions { MaxInFlightRecords = 10, MaxBufferedBytes = 1024 * 1024, MaxOffsetSpan = 100, TableWaitMs = 0 });
        flow = new FlowControl(single.Options, single.Kernel, consumer, new InputPauses(single.Kernel.Topology));
    }

    [Fact]
    public void Of_records_in_flight()
    {
        single.Kernel.InFlight = 9;
        Expect(holding: false, paused: false);
        single.Kernel.InFlight = 10;
        Expect(holding: true, paused: false);
        single.Advance(Hold - 0.001);
        Expect(holding: true, paused: false);
        single.Advance(0.001);
        Expect(holding: false, paused: true); // polling goes on under a pause
        single.Kernel.InFlight = 6;
        Expect(holding: false, paused: true);
        single.Kernel.InFlight = 5;
        Expect(holding: false, paused: false);
        Assert.Equal(["pause in[0]", "resume in[0]"], consumer.Calls); // never the table: records may wait for its rows
    }

    [Fact]
    public void A_burst_that_passes_pauses_nothing()
    {
        for (var i = 0; i < 100; i++)
        {
            single.Kernel.InFlight = 10;
            Expect(holding: true, paused: false);
            single.Advance(Hold - 0.001);
            single.Kernel.InFlight = 9;
            Expect(holding: false, paused: false);
        }
        Assert.Empty(consumer.Calls);
    }

    [Theory]
    [InlineData("in flight")]
    [InlineData("under commit")]
    [InlineData("waiting for their commit")]
    public void Of_bytes(string where)
    {
        Set(1024 * 1024);
        Expect(holding: true, paused: false);
        single.Advance(Hold);
        Expect(holding: false, paused: true);
        Set(1024 * 1024 - 1);
        Expect(holding: false, paused: true);
        Set(512 * 1024 + 1);
        Expect(holding: false, paused: true);
        Set(512 * 1024);
        Expect(holding: false, paused: false);
        Assert.Equal(["pause in[0]", "resume in[0]"], consumer.Calls);

        void Set(int bytes)
        {
            if (where == "in flight") single.Kernel.InFlightBytes = bytes;
            else if (where == "under commit") single.Kernel.CommittingBytes = bytes;
            else
            {
                single.Task.Open.Outputs.Clear();
                var empty = Outputs(0);
                single.Task.Open.Outputs.Clear();
                Assert.Equal(bytes, Outputs(bytes - (int)empty));
            }
        }

        long Outputs(int value)
        {
            single.Task.Open.Outputs.Add(new OutputRecord("out", 0, 0, null, new byte[value], null));
            return single.Task.Open.Outputs.Bytes;
        }
    }

    [Fact]
    public void Of_one_partitions_span_of_offsets_at_once_and_alone()
    {
        var tracker = single.Input("in").Tracker;
        var entries = Enumerable.Range(0, 99).Select(o => tracker.Read(o, 0)!.Value).ToList();
        Expect(holding: false, paused: false);
        entries.Add(tracker.Read(99, 0)!.Value);
        Expect(holding: false, paused: true);
        foreach (var entry in entries.Take(49)) tracker.Finish(entry);
        Expect(holding: false, paused: true); // 51 are left
        tracker.Finish(entries[49]);
        Expect(holding: false, paused: false);
    }

    private void Expect(bool holding, bool paused)
    {
        flow.Apply(single.Task.Inputs.ToDictionary(i => i.Id, i => (single.Task, i)));
        Assert.Equal((holding, paused), (flow.Holding, single.Input("in").Paused));
        Assert.Equal(paused, consumer.Calls.LastOrDefault() == "pause in[0]");
    }

    private sealed class Consumer : IGroupConsumer
    {
        public List<string> Calls { get; } = [];
        public void Pause(IReadOnlyList<TopicPartitionId> partitions) => Calls.AddRange(partitions.Select(p => $"pause {p}"));
        public void Resume(IReadOnlyList<TopicPartitionId> partitions) => Calls.AddRange(partitions.Select(p => $"resume {p}"));
        public void Subscribe(IReadOnlyList<string> topics) => throw new NotSupportedException();
        public int Poll(Span<PollResult> into, int timeoutMs) => throw new NotSupportedException();
        public void Assign(IReadOnlyList<PartitionOffset> partitions) => throw new NotSupportedException();
        public long HighWatermark(TopicPartitionId partition) => throw new NotSupportedException();
        public GroupMembership Membership() => throw new NotSupportedException();
        public IReadOnlyDictionary<TopicPartitionId, long> Committed(IReadOnlyList<TopicPartitionId> partitions, TimeSpan timeout) => throw new NotSupportedException();
        public void Commit(IReadOnlyList<PartitionOffset> offsets) => throw new NotSupportedException();
        public void Close() => throw new NotSupportedException();
        public void Dispose() { }
    }
}
