using StreamPlatform.Streams;

namespace StreamPlatform.Tests.Conformance.Streams;

/// <summary>A real transport that remembers what the group gave and took.</summary>
internal sealed class RebalanceSpy(ITransport inner) : ITransport
{
    private readonly List<(string What, IReadOnlyList<TopicPartitionId> Partitions)> events = [];

    /// <summary>Callbacks so far, oldest first; those without partitions left out.</summary>
    public IReadOnlyList<(string What, IReadOnlyList<TopicPartitionId> Partitions)> Events
    {
        get { lock (events) return [.. events]; }
    }

    public IGroupConsumer OpenConsumer(TransportSettings settings, IRebalanceHandler handler) => inner.OpenConsumer(settings, new Handler(this, handler));
    public ILogReader OpenReader(TransportSettings settings) => inner.OpenReader(settings);
    public IOutputProducer OpenProducer(TransportSettings settings, bool transactional) => inner.OpenProducer(settings, transactional);
    public ITopicAdmin OpenAdmin(TransportSettings settings) => inner.OpenAdmin(settings);

    private void Note(string what, IReadOnlyList<TopicPartitionId> partitions)
    {
        if (partitions.Count == 0) return;
        lock (events) events.Add((what, partitions));
    }

    private sealed class Handler(RebalanceSpy spy, IRebalanceHandler inner) : IRebalanceHandler
    {
        public void Assigned(IReadOnlyList<TopicPartitionId> partitions)
        {
            spy.Note("assigned", partitions);
            inner.Assigned(partitions);
        }

        public void Revoked(IReadOnlyList<TopicPartitionId> partitions)
        {
            spy.Note("revoked", partitions);
            inner.Revoked(partitions);
        }

        public void Lost(IReadOnlyList<TopicPartitionId> partitions)
        {
            spy.Note("lost", partitions);
            inner.Lost(partitions);
        }
    }
}
