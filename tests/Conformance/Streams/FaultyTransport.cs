using StreamPlatform.Streams;

namespace StreamPlatform.Tests.Conformance.Streams;

/// <summary>A real transport whose producer fails on demand.</summary>
internal sealed class FaultyTransport(ITransport inner) : ITransport
{
    private int abortNextSends;
    private volatile bool loseNextCommit;

    public int AbortNextSends { get => Volatile.Read(ref abortNextSends); set => Volatile.Write(ref abortNextSends, value); }
    /// <summary>Called before each commit, in its place if it throws.</summary>
    public Action? BeforeCommit { get; set; }
    public bool LoseNextCommit { get => loseNextCommit; set => loseNextCommit = value; }

    public IGroupConsumer OpenConsumer(TransportSettings settings, IRebalanceHandler handler) => inner.OpenConsumer(settings, handler);
    public ILogReader OpenReader(TransportSettings settings) => inner.OpenReader(settings);
    public ITopicAdmin OpenAdmin(TransportSettings settings) => inner.OpenAdmin(settings);
    public IOutputProducer OpenProducer(TransportSettings settings, bool transactional) => new Producer(this, inner.OpenProducer(settings, transactional));

    private sealed class Producer(FaultyTransport faults, IOutputProducer inner) : IOutputProducer
    {
        public void InitTransactions(TimeSpan timeout) => inner.InitTransactions(timeout);
        public void Begin() => inner.Begin();
        public void Produce(in OutputRecord record) => inner.Produce(record);
        public void SendOffsets(IReadOnlyList<PartitionOffset> offsets, GroupMembership membership, TimeSpan timeout)
        {
            if (faults.AbortNextSends > 0)
            {
                faults.AbortNextSends--;
                throw new TransportException(TransportFailure.Abortable, "ILLEGAL_GENERATION, injected");
            }
            inner.SendOffsets(offsets, membership, timeout);
        }
        public void CommitTransaction(TimeSpan timeout)
        {
            faults.BeforeCommit?.Invoke();
            if (faults.LoseNextCommit)
            {
                faults.LoseNextCommit = false;
                throw new TransportException(TransportFailure.Fatal, "PRODUCER_FENCED, injected");
            }
            inner.CommitTransaction(timeout);
        }
        public void AbortTransaction(TimeSpan timeout) => inner.AbortTransaction(timeout);
        public void Flush(TimeSpan timeout) => inner.Flush(timeout);
        public void Dispose() => inner.Dispose();
    }
}
