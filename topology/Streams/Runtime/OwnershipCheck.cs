using Microsoft.Extensions.Logging;

namespace StreamPlatform.Streams;

/// <summary>
/// Static membership has a hole under cooperative rebalances: an instance that goes away after it was told to give a partition up, and before it joined without it, comes back in
/// its place without a rebalance (KIP-345), and that partition is nobody's until some later one. So a new session looks, until it has once seen the group stable, whether every
/// partition has an owner. If one stays without, a passing member (dynamic, so it leaves at once) makes the rebalance that is missing. The owner loop ticks, a thread works.
/// </summary>
internal sealed class OwnershipCheck
{
    private const int StrikesToAct = 2; // a partition on its way from one to the other is nobody's for a moment
    private readonly ITransport transport;
    private readonly TransportSettings settings;
    private readonly StreamsOptions options;
    private readonly ITopicAdmin admin;
    private readonly IScheduling scheduling;
    private readonly TimeProvider time;
    private readonly ILogger logger;
    private readonly IReadOnlyDictionary<string, int> inputs;
    private readonly int everyMs;
    private volatile bool working;
    private volatile bool done;
    private volatile bool stopped;
    private long? nextMs;
    private int strikes; // the thread's, one at a time

    private OwnershipCheck(IReadOnlyDictionary<string, int> inputs, ITransport transport, TransportSettings settings, ITopicAdmin admin, StreamsApplication application)
    {
        this.inputs = inputs; this.transport = transport; this.settings = settings; this.admin = admin;
        (options, scheduling, time, logger) = (settings.Options, application.Scheduling, application.Time, application.Logger);
        everyMs = options.SessionTimeoutMs / 6;
    }

    /// <summary>Null where the hole does not exist: eager rebalances deal everything anew, the consumer protocol has dynamic members.</summary>
    public static OwnershipCheck? For(IReadOnlyDictionary<string, int> counts, ITransport transport, TransportSettings settings, ITopicAdmin admin, StreamsApplication application) =>
        settings.Incremental && settings.Options.GroupProtocol == ConsumerGroupProtocol.Classic
            ? new(application.Topology.InputTopics.ToDictionary(t => t, t => counts[t]), transport, settings, admin, application) : null;

    /// <summary>Its thread uses the admin client.</summary>
    public bool UsesClients => working;

    /// <summary>The group has given this session something, or nothing.</summary>
    public void Joined(long nowMs) => nextMs ??= nowMs + everyMs;

    public void Stop() => stopped = true;

    public void Tick(long nowMs)
    {
        if (done || working || stopped || nextMs is null || nowMs < nextMs) return;
        nextMs = nowMs + everyMs;
        working = true;
        scheduling.RunThread($"{options.ApplicationId}-ownership", () =>
        {
            try { Look(); }
            catch (TransportException e)
            {
                settings.Warn("ownership", e.Message); // the next look repeats it
                done |= e.Failure == TransportFailure.Configuration; // it may not look
            }
            finally { working = false; }
        });
    }

    private void Look()
    {
        if (admin.Ownerless(inputs) is not { } ownerless) return;
        done = ownerless.Count == 0; // from now on only another instance's return can make the hole, and that one looks
        if (done || ++strikes < StrikesToAct) return;
        strikes = 0;
        Log.Ownerless(logger, options.ApplicationId, options.InstanceSlot, string.Join(", ", ownerless));
        var passing = new Passing();
        using var consumer = transport.OpenConsumer(settings with { GroupInstanceId = "" }, passing);
        consumer.Subscribe([.. inputs.Keys]);
        var dropped = new PollResult[100];
        var started = time.GetTimestamp();
        while (!passing.Joined && !stopped && time.GetElapsedTime(started).TotalMilliseconds < 2 * options.SessionTimeoutMs)
        {
            try { consumer.Poll(dropped, 100); }
            catch (TransportException e) when (e.Failure == TransportFailure.Retriable) { settings.Warn("ownership", e.Message); }
        }
        consumer.Close();
    }

    /// <summary>Takes nothing: what it is given goes back when it leaves.</summary>
    private sealed class Passing : IRebalanceHandler
    {
        public bool Joined { get; private set; }
        public void Assigned(IReadOnlyList<TopicPartitionId> partitions) => Joined = true;
        public void Revoked(IReadOnlyList<TopicPartitionId> partitions) { }
        public void Lost(IReadOnlyList<TopicPartitionId> partitions) { }
    }
}
