using StreamPlatform.Streams;

namespace StreamPlatform.Tests.Unit.Streams;

/// <summary>Transactions take turns between two producers, and both belong to the instance from its start.</summary>
public sealed class AlternatingProducerTests
{
    private readonly List<string> calls = [];

    [Fact]
    public void Each_transaction_stays_with_one_producer_and_the_next_is_the_others()
    {
        using var producer = new AlternatingProducer(new Recorded("a", calls), new Recorded("b", calls));
        for (var i = 0; i < 3; i++)
        {
            producer.Begin();
            producer.Produce(new OutputRecord("out", 0, -1, null, [1], null));
            producer.SendOffsets([], new GroupMembership("member", (nint)0), TimeSpan.Zero);
            if (i == 1) producer.AbortTransaction(TimeSpan.Zero);
            else producer.CommitTransaction(TimeSpan.Zero);
        }
        Assert.Equal(["a begin", "a produce", "a offsets", "a commit", "b begin", "b produce", "b offsets", "b abort", "a begin", "a produce", "a offsets", "a commit"], calls);
    }

    [Fact]
    public void Both_are_fenced_at_the_start_each_once_although_the_second_needs_another_try()
    {
        using var producer = new AlternatingProducer(new Recorded("a", calls), new Recorded("b", calls) { Refusals = 1 });
        Assert.Throws<TransportException>(() => producer.InitTransactions(TimeSpan.Zero));
        producer.InitTransactions(TimeSpan.Zero);
        Assert.Equal(["a init", "b init", "b init"], calls);
    }

    private sealed class Recorded(string name, List<string> calls) : IOutputProducer
    {
        public int Refusals { get; set; }

        public void InitTransactions(TimeSpan timeout)
        {
            calls.Add($"{name} init");
            if (Refusals-- > 0) throw new TransportException(TransportFailure.Retriable, "not yet");
        }

        public void Begin() => calls.Add($"{name} begin");
        public void Produce(in OutputRecord record) => calls.Add($"{name} produce");
        public void SendOffsets(IReadOnlyList<PartitionOffset> offsets, GroupMembership membership, TimeSpan timeout) => calls.Add($"{name} offsets");
        public void CommitTransaction(TimeSpan timeout) => calls.Add($"{name} commit");
        public void AbortTransaction(TimeSpan timeout) => calls.Add($"{name} abort");
        public void Flush(TimeSpan timeout) { }
        public void Dispose() { }
    }
}
