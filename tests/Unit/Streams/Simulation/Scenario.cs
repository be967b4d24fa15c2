using StreamPlatform.Streams;

namespace StreamPlatform.Tests.Unit.Streams.Simulation;

/// <summary>One seed's story: instances come, crash, freeze and leave while events flow; then all heals, and everything must be done exactly once.</summary>
internal sealed class Scenario
{
    private const int Slots = 3;
    private const int HealMs = 400_000;
    private readonly Scheduler scheduler;
    private readonly SimBroker broker;
    private readonly Faults faults;
    private readonly Workload workload;
    private readonly Instance?[] running = new Instance?[Slots];
    private readonly List<Instance> all = [];
    private readonly ProcessingGuarantee guarantee;
    private readonly RebalanceMode rebalance;
    private readonly ConsumerGroupProtocol protocol;
    private readonly int[] limits;

    public Scenario(int seed)
    {
        Seed = seed;
        scheduler = new Scheduler(seed);
        faults = Faults.Draw(scheduler);
        broker = new SimBroker(scheduler, faults);
        workload = Workload.Draw(scheduler, faults);
        guarantee = scheduler.Chance(0.85) || !workload.AtLeastOnceToo ? ProcessingGuarantee.ExactlyOnce : ProcessingGuarantee.AtLeastOnce;
        protocol = scheduler.Chance(0.3) ? ConsumerGroupProtocol.Consumer : ConsumerGroupProtocol.Classic;
        if (protocol == ConsumerGroupProtocol.Consumer) broker.Group = new SimConsumerGroup(broker);
        rebalance = protocol == ConsumerGroupProtocol.Classic && scheduler.Chance(0.5) ? RebalanceMode.Eager : RebalanceMode.Auto; // cooperative where every sub-topology has one input
        limits = [scheduler.Between(1, 100), scheduler.Between(1, 100), scheduler.Between(2, 100)];
    }

    public int Seed { get; }
    public Scheduler Scheduler => scheduler;

    /// <exception cref="ViolationException">What did not hold.</exception>
    public void Run() => scheduler.Run(Script);

    public string Shape => workload.Name;
    public string Describe() => $"{workload.Name}, {guarantee} {protocol} {rebalance}, {workload.Events} events, {workload.Keys} keys, {workload.Partitions} partitions; {all.Count} lives, {scheduler.Steps} steps, {scheduler.NowMs} ms";

    private void Script()
    {
        foreach (var topic in workload.Topics) broker.Create(topic, workload.Partitions);
        workload.Prepare(broker);
        scheduler.Start(broker, "feeder", () => workload.Feed(broker));
        StartSlot(0);
        for (var i = scheduler.Between(0, 8); i > 0; i--)
        {
            scheduler.Sleep(scheduler.Chance(0.5) ? scheduler.Between(0, 200) : scheduler.Between(0, 8_000));
            Disturb(scheduler.Random.Next(Slots));
        }
        scheduler.Note("healed");
        faults.Heal();
        foreach (var instance in all) scheduler.Thaw(instance);
        if (running.All(i => i is null or { Stopping: true })) StartSlot(Math.Max(0, Array.IndexOf(running, null)));
        if (!IsDoneIn(HealMs))
            throw new ViolationException($"not done {HealMs} ms after all was healed: unread {string.Join(", ", workload.Unread(broker))}; {workload.Problem(broker, guarantee)}; "
                + string.Join("; ", running.OfType<Instance>().Select(i => $"{i} {i.Application.Health.State}, {i.Application.Health.InFlight} in flight of {limits[1]}, span {limits[2]}, {string.Join(", ", i.Application.Health.Partitions)}")));
        if (Failed() is { } failed) throw new ViolationException($"{failed} failed: {failed.Application.Completion.Exception}");
        foreach (var instance in running)
            if (instance is not null) Stop(instance);
        if (!scheduler.WaitUntil(() => all.All(i => !scheduler.ThreadsOf(i).Any()), HealMs))
            throw new ViolationException($"threads do not end: {string.Join(", ", all.SelectMany(i => scheduler.ThreadsOf(i).Select(t => $"{i}/{t}")))}");
        if (Failed() is { } late) throw new ViolationException($"{late} failed: {late.Application.Completion.Exception}");
        if (all.Find(i => i.OpenClients > 0) is { } leaking) throw new ViolationException($"{leaking} left {leaking.OpenClients} clients undisposed");
        if (!scheduler.WaitUntil(() => !broker.HasOpenTransactions, HealMs)) throw new ViolationException("a transaction stays open");
        if (workload.Problem(broker, guarantee) is { } problem) throw new ViolationException(problem);
    }

    /// <summary>Looks now and then: it reads everything that came out.</summary>
    private bool IsDoneIn(int ms)
    {
        for (var until = scheduler.NowMs + ms; scheduler.NowMs < until; scheduler.Sleep(200))
            if (Failed() is not null || workload.Done(broker, guarantee)) return true;
        return false;
    }

    /// <summary>An instance that ended with an error it should have outlived. A stop may end with the failure of its last commit.</summary>
    private Instance? Failed() => all.Find(i => !i.Dead && i.Application.Completion is { IsFaulted: true } end && !(i.Stopping && end.Exception!.InnerException is TransportException));

    private static void Stop(Instance instance)
    {
        instance.Stopping = true;
        _ = instance.Application.StopAsync();
    }

    private void Disturb(int slot)
    {
        if (running[slot] is not { } instance) { StartSlot(slot); return; }
        switch (scheduler.Random.Next(5))
        {
            case 4:
                scheduler.Note($"{instance} is paused");
                instance.Application.Pause();
                scheduler.After(this, scheduler.Between(0, 20_000), () => instance.Application.Resume());
                break;
            case 0:
                Crash(slot);
                break;
            case 1:
                Crash(slot);
                scheduler.Sleep(scheduler.Between(0, 2_000));
                StartSlot(slot);
                break;
            case 2:
                Freeze(instance, scheduler.Random.Next(3) switch { 0 => scheduler.Between(1, 1_000), 1 => scheduler.Between(1_000, 6_000), _ => scheduler.Between(1_000, 30_000) });
                break;
            default:
                scheduler.Note($"{instance} is told to stop");
                Stop(instance);
                scheduler.WaitUntil(() => instance.Application.Completion.IsCompleted, 30_000);
                if (instance.Application.Completion.IsCompleted) running[slot] = null;
                break;
        }
    }

    private void StartSlot(int slot)
    {
        var instance = new Instance(scheduler, slot, all.Count);
        scheduler.Note($"{instance} starts");
        if (scheduler.Chance(0.2)) instance.ClockOffset = TimeSpan.FromMinutes(scheduler.Between(-60, 60));
        var options = new StreamsOptions
        {
            InstanceSlot = slot, Guarantee = guarantee, Rebalance = rebalance, GroupProtocol = protocol, SessionTimeoutMs = 6_000, ShutdownDeadlineMs = 2_000, MaxRebuilds = 1_000, MaxAttempts = 1_000_000, RetryBackoffMaxMs = 500,
            CommitIntervalMs = limits[0], MaxInFlightRecords = limits[1], MaxOffsetSpan = limits[2],
        };
        workload.Configure(options);
        instance.Application = new StreamsApplication(workload.Build(instance), options, new SimTransport(broker, instance), instance, new SimLogging(instance), instance);
        all.Add(instance);
        running[slot] = instance;
        _ = instance.Application.StartAsync();
    }

    private void Crash(int slot)
    {
        var instance = running[slot]!;
        scheduler.Note($"{instance} crashes");
        running[slot] = null;
        instance.Dead = true;
        scheduler.Thaw(instance); // so that its threads unwind
        _ = instance.Application.KillAsync();
        ExpireLater(instance, () => true);
    }

    private void Freeze(Instance instance, int ms)
    {
        if (instance.Frozen) return;
        scheduler.Note($"{instance} is frozen for {ms} ms");
        scheduler.Freeze(instance);
        var thawed = false;
        scheduler.After(this, ms, () =>
        {
            thawed = true;
            if (!instance.Dead) scheduler.Note($"{instance} goes on");
            scheduler.Thaw(instance);
        });
        ExpireLater(instance, () => !thawed && instance.Frozen);
    }

    private void ExpireLater(Instance instance, Func<bool> still)
    {
        foreach (var consumer in new[] { instance.Consumer, instance.Passing }.OfType<SimConsumer>())
            scheduler.After(this, 6_000, () => { if (still()) broker.Group.Expire(consumer); });
    }
}
