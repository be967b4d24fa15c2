namespace StreamPlatform.Streams;

/// <summary>
/// Two transactional producers that take turns, for short commit intervals: a coordinator that still writes one transaction's markers refuses the producer's next one for a moment
/// (CONCURRENT_TRANSACTIONS), and librdkafka looks again only after 20 ms. Transactions still follow one another: one begins when the one before is committed, so outputs and offsets keep
/// their order. Both are fenced at the start, whichever an earlier life used last.
/// </summary>
internal sealed class AlternatingProducer(IOutputProducer first, IOutputProducer second) : IOutputProducer
{
    private bool onFirst;
    private int initialised;

    private IOutputProducer Current => onFirst ? first : second;

    public void InitTransactions(TimeSpan timeout)
    {
        if (initialised == 0) { first.InitTransactions(timeout); initialised = 1; }
        if (initialised == 1) { second.InitTransactions(timeout); initialised = 2; }
    }

    public void Begin()
    {
        onFirst = !onFirst;
        Current.Begin();
    }

    public void Produce(in OutputRecord record) => Current.Produce(record);
    public void SendOffsets(IReadOnlyList<PartitionOffset> offsets, GroupMembership membership, TimeSpan timeout) => Current.SendOffsets(offsets, membership, timeout);
    public void CommitTransaction(TimeSpan timeout) => Current.CommitTransaction(timeout);
    public void AbortTransaction(TimeSpan timeout) => Current.AbortTransaction(timeout);
    public void Flush(TimeSpan timeout) => Current.Flush(timeout);

    public void Dispose()
    {
        first.Dispose();
        second.Dispose();
    }
}
