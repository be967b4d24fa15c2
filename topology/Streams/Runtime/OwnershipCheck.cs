namespace StreamPlatform.Streams;

/// <summary>
/// Static membership has a hole under cooperative rebalances: an instance that goes away after it was told to give a partition up, and before it joined without it, comes back in
/// its place without a rebalance (KIP-345), and that partition is nobody's until some later one. So a new session looks once, when it has joined and the group is stable,
/// whether every partition has an owner. If not, it joins under another id, which makes a rebalance. The owner loop asks, a thread looks.
/// </summary>
internal sealed class OwnershipCheck
{
    private const int StrikesToAct = 2; // a partition on its way from one to the other is nobody's for a moment
    private readonly StreamsOptions options;
    private readonly ITopicAdmin admin;
    private readonly IScheduling scheduling;
    private readonly IReadOnlyDictionary<string, int> inputs;
    private volatile Answer? answer;
    private volatile bool looking;
    private long? nextMs;
    private int strikes;
    private bool done;

    private sealed record Answer(IReadOnlyList<TopicPartitionId>? Ownerless);

    private OwnershipCheck(IReadOnlyDictionary<string, int> inputs, StreamsOptions options, ITopicAdmin admin, IScheduling scheduling)
    {
        this.inputs = inputs; this.options = options; this.admin = admin; this.scheduling = scheduling;
    }

    /// <summary>Null where the hole does not exist: eager rebalances deal everything anew, the consumer protocol has dynamic members.</summary>
    public static OwnershipCheck? For(Topology topology, IReadOnlyDictionary<string, int> counts, TransportSettings settings, ITopicAdmin admin, IScheduling scheduling) =>
        settings.Incremental && settings.Options.GroupProtocol == ConsumerGroupProtocol.Classic
            ? new(topology.InputTopics.ToDictionary(t => t, t => counts[t]), settings.Options, admin, scheduling) : null;

    /// <summary>A thread of it uses the admin client.</summary>
    public bool UsesClients => looking;

    public void Joined(long nowMs) => nextMs ??= nowMs + options.SessionTimeoutMs / 2;

    /// <summary>Partitions that stay without an owner; null = none, or not known yet.</summary>
    public IReadOnlyList<TopicPartitionId>? Look(long nowMs)
    {
        if (done || nextMs is null) return null;
        if (answer is { } found)
        {
            answer = null;
            if (found.Ownerless is { Count: 0 }) done = true; // from now on only another instance's return can make the hole, and that one looks
            else if (found.Ownerless is not null && ++strikes >= StrikesToAct) return found.Ownerless;
        }
        if (looking || nowMs < nextMs) return null;
        nextMs = nowMs + options.SessionTimeoutMs / 2;
        looking = true;
        scheduling.RunThread($"{options.ApplicationId}-ownership", () =>
        {
            try { answer = new(admin.Ownerless(inputs)); }
            catch (TransportException) { } // asked again
            finally { looking = false; }
        });
        return null;
    }
}
