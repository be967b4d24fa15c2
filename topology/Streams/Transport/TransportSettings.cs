namespace StreamPlatform.Streams;

/// <summary>What the clients of one instance are told.</summary>
/// <param name="GroupInstanceId">Empty = a dynamic member.</param>
/// <param name="Warn">Receives client name and text of what a client reports by itself.</param>
/// <param name="AlignInputs">Equal partition numbers of different topics must come to the same instance: only the range assignors do that.</param>
public sealed record TransportSettings(StreamsOptions Options, string TransactionalId, string GroupInstanceId, Action<string, string> Warn, bool AlignInputs = false)
{
    /// <summary>A rebalance moves single partitions (cooperative-sticky, or the consumer protocol) instead of taking all away first.</summary>
    public bool Incremental => Options.GroupProtocol == ConsumerGroupProtocol.Consumer || Options.Rebalance == RebalanceMode.Cooperative || (Options.Rebalance == RebalanceMode.Auto && !AlignInputs);
}
