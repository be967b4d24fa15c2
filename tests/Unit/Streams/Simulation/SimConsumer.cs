using StreamPlatform.Streams;

namespace StreamPlatform.Tests.Unit.Streams.Simulation;

/// <summary>
/// A group member as librdkafka behaves: callbacks come from within Poll, heartbeats go out by themselves. With the cooperative protocol the client joins again by itself,
/// keeping what it owns, so the generation moves on before any callback; only what it loses is revoked, and then it joins once more.
/// </summary>
internal sealed class SimConsumer(SimBroker broker, Instance instance, TransportSettings settings, IRebalanceHandler handler) : IGroupConsumer
{
    private readonly Dictionary<TopicPartitionId, Position> positions = [];
    private readonly HashSet<TopicPartitionId> given = []; // handed to the runtime, not taken away
    private List<TopicPartitionId>? pending; // eager: all; cooperative: what is added
    private List<TopicPartitionId> revoking = [];
    private bool assigned; // eager: between the callbacks assigned and revoked
    private int generation = -1;
    private bool subscribed;
    private bool disposed;
    private int calls;

    private sealed class Position(SimLog log, long offset)
    {
        public SimLog Log { get; } = log;
        public long Offset = offset;
        public long ShownEnd = -1;
        public bool Paused;
        public bool Ready => !Paused && (Offset < Log.Stable || ShownEnd != Offset);
    }

    public Instance Instance => instance;
    public long PolledAtMs { get; private set; }
    public string InstanceId => settings.GroupInstanceId;
    public string MemberId { get; set; } = "";
    public IReadOnlyList<string> Topics { get; private set; } = [];
    public bool MustRejoin { get; set; }
    /// <summary>It sends nothing any more.</summary>
    public bool Gone => disposed || instance.Dead;
    private bool Dynamic => InstanceId.Length == 0 || settings.Options.GroupProtocol == ConsumerGroupProtocol.Consumer;
    public bool Cooperative => settings.Incremental;
    /// <summary>It asks for an assignor that keeps equal partition numbers together.</summary>
    public bool Aligned => settings.AlignInputs;
    /// <summary>What the last answer of the group gave, as it is told to the assignor.</summary>
    public List<TopicPartitionId> Owned { get; private set; } = [];
    /// <summary>Cooperative: a callback waits for the runtime's next poll, or is under way.</summary>
    public bool Settling => revoking.Count > 0 || pending is not null;
    public bool FencedInstance { get; set; }
    public bool ThrownOut
    {
        get;
        set
        {
            field = value;
            if (value) (MemberId, generation, Owned) = ("", -1, []);
        }
    }

    private Scheduler Scheduler => broker.Scheduler;
    private bool HasWork => disposed || instance.Dead || FencedInstance || ThrownOut || MustRejoin || Settling || positions.Values.Any(p => p.Ready);

    public void Given(int newGeneration, List<TopicPartitionId> assignment)
    {
        generation = newGeneration;
        if (Cooperative)
        {
            if (Settling) throw new ViolationException($"{instance} was given an assignment while it settles the last one");
            revoking = [.. Owned.Except(assignment)];
            pending = [.. assignment.Except(Owned)];
            if (Dynamic && pending.Count == 0) pending = null; // no callback for nothing
        }
        else pending = [.. assignment];
        Owned = [.. assignment];
    }

    public void Subscribe(IReadOnlyList<string> topics)
    {
        Check();
        Topics = topics;
        subscribed = true;
        broker.Group.Join(this);
    }

    public int Poll(Span<PollResult> into, int timeoutMs)
    {
        Check();
        PolledAtMs = Scheduler.NowMs;
        if (timeoutMs > 0 || Scheduler.Chance(0.2)) Scheduler.WaitUntil(() => HasWork, timeoutMs);
        Check();
        if (FencedInstance) throw new TransportException(TransportFailure.Fatal, "FENCED_INSTANCE_ID");
        if (broker.Faults.Draw("poll", abortable: false) is { } failure) throw failure;
        ServeGroup();
        var count = 0;
        while (count < into.Length && Next() is { } result)
        {
            into[count++] = result;
            if (Scheduler.Chance(0.4)) break;
        }
        return count;
    }

    private PollResult? Next()
    {
        var ready = positions.Values.Where(p => p.Ready).ToList();
        if (ready.Count == 0) return null;
        var position = ready[Scheduler.Random.Next(ready.Count)];
        if (position.Log.Next(ref position.Offset) is { } record)
        {
            position.ShownEnd = -1;
            return PollResult.Of(record);
        }
        if (position.ShownEnd == position.Offset) return null;
        position.ShownEnd = position.Offset;
        return PollResult.End(position.Log.Id, position.Offset);
    }

    private void ServeGroup()
    {
        if (Cooperative) ServeCooperative();
        else ServeEager();
    }

    private void ServeEager()
    {
        if (pending is { } all)
        {
            (assigned, pending) = (true, null);
            given.UnionWith(all);
            Tell(() => handler.Assigned(all));
        }
        if (!ThrownOut && !MustRejoin) return;
        if (assigned) Leave(ThrownOut, [.. given]);
        assigned = false;
        given.Clear();
        positions.Clear();
        if (disposed || instance.Dead) return;
        ThrownOut = MustRejoin = false;
        broker.Group.Join(this);
    }

    private void ServeCooperative()
    {
        if (ThrownOut)
        {
            (revoking, pending) = ([], null);
            Take(lost: true, [.. given]);
            if (disposed || instance.Dead) return;
            ThrownOut = MustRejoin = false;
            broker.Group.Join(this);
            return;
        }
        var rejoin = MustRejoin;
        if (revoking.Count > 0)
        {
            rejoin = true;
            Take(lost: false, revoking);
            revoking = [];
            if (ThrownOut) return; // learned while the runtime drained
        }
        if (pending is { } added)
        {
            pending = null;
            given.UnionWith(added);
            Tell(() => handler.Assigned(added));
        }
        if (!rejoin || disposed || instance.Dead) return;
        MustRejoin = false;
        broker.Group.Join(this);
    }

    /// <summary>The runtime goes on reading what it keeps.</summary>
    private void Take(bool lost, List<TopicPartitionId> partitions)
    {
        if (partitions.Count > 0) Leave(lost, partitions);
        foreach (var partition in partitions)
        {
            given.Remove(partition);
            positions.Remove(partition);
        }
    }

    private void Leave(bool lost, List<TopicPartitionId> partitions)
    {
        Tell(() =>
        {
            if (lost) handler.Lost(partitions);
            else handler.Revoked(partitions);
        });
    }

    /// <summary>An exception from a handler makes the client unassign everything: a silent partition.</summary>
    private void Tell(Action callback)
    {
        try { callback(); }
        catch (Exception e) when (e is not ViolationException)
        {
            Scheduler.Fail(new ViolationException($"a rebalance handler of {instance} threw {e}"));
            throw;
        }
    }

    public void Assign(IReadOnlyList<PartitionOffset> partitions)
    {
        Check();
        foreach (var at in partitions)
        {
            if (!given.Contains(at.Partition)) throw new ViolationException($"{instance} reads {at.Partition}, which the group did not give it");
            if (positions.ContainsKey(at.Partition)) throw new ViolationException($"{instance} reads {at.Partition} twice");
            var log = broker.Log(at.Partition);
            positions[at.Partition] = new Position(log, at.Offset == PartitionOffset.Beginning ? 0 : at.Offset == PartitionOffset.End ? log.High : at.Offset);
        }
    }

    public void Pause(IReadOnlyList<TopicPartitionId> partitions) => SetPaused(partitions, true);
    public void Resume(IReadOnlyList<TopicPartitionId> partitions) => SetPaused(partitions, false);

    private void SetPaused(IReadOnlyList<TopicPartitionId> partitions, bool paused)
    {
        Check();
        foreach (var id in partitions) positions[id].Paused = paused;
    }

    public long HighWatermark(TopicPartitionId partition) => broker.Log(partition).High;

    public GroupMembership Membership() => new(MemberId, new SimMembership(MemberId, generation, InstanceId));

    public IReadOnlyDictionary<TopicPartitionId, long> Committed(IReadOnlyList<TopicPartitionId> partitions, TimeSpan timeout)
    {
        Delay();
        if (broker.Faults.Draw("committed", abortable: false) is { } failure) throw failure;
        if (partitions.Any(broker.HasPendingOffset)) throw new TransportException(TransportFailure.Retriable, "UNSTABLE_OFFSET_COMMIT");
        return partitions.Where(p => broker.Offset(p) is not null).ToDictionary(p => p, p => broker.Offset(p)!.Value);
    }

    public void Commit(IReadOnlyList<PartitionOffset> offsets)
    {
        var sentAs = new SimMembership(MemberId, generation, InstanceId);
        Delay();
        if (broker.Faults.Draw("commit", abortable: false) is { } failure) throw failure;
        if (broker.Group.Refusal(sentAs) is { } refusal) throw new TransportException(TransportFailure.Retriable, refusal);
        foreach (var at in offsets) broker.CommitOffset(at.Partition, at.Offset);
    }

    public void Close()
    {
        Check();
        if (given.Count > 0) Leave(lost: false, [.. given]);
        given.Clear();
        positions.Clear();
        if (Dynamic) broker.Group.Leave(this);
    }

    public void Dispose()
    {
        if (disposed) return;
        if (calls > 0) Scheduler.Fail(new ViolationException($"{instance} destroys its consumer while a call is under way"));
        disposed = true;
        instance.OpenClients--;
        // a static member never says goodbye
        if (subscribed) Scheduler.After(broker, settings.Options.SessionTimeoutMs, () => broker.Group.Expire(this));
    }

    private void Delay()
    {
        Check();
        calls++;
        try { broker.Faults.Delay(); }
        finally { calls--; }
        Check();
    }

    private void Check()
    {
        ObjectDisposedException.ThrowIf(disposed, this);
        instance.Check();
    }
}
