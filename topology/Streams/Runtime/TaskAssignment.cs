using System.Collections.Concurrent;

namespace StreamPlatform.Streams;

/// <summary>
/// What the group gave this instance and what became of it: partitions owned, tasks being restored, inputs of the tasks that run. On the owner loop; only restorers
/// have threads of their own. A rebalance that takes single partitions away leaves the other tasks as they are.
/// </summary>
internal sealed class TaskAssignment(StreamsApplication application, ITransport transport, TransportSettings settings, Kernel kernel, IGroupConsumer consumer, ITopicAdmin admin)
{
    private readonly StreamsOptions options = settings.Options;
    private readonly Dictionary<TopicPartitionId, (StreamTask Task, TaskInput Input)> inputs = [];
    private readonly HashSet<TopicPartitionId> owned = [];
    private readonly List<Restore> restores = []; // each has a task that lives, so at most as many as partitions
    private readonly ConcurrentQueue<(Restore Restore, RestoreResult Result)> results = new();
    private bool changed;
    private long? incompleteSinceMs;
    private int restorers;

    private sealed record Restore(List<StreamTask> Tasks, CancellationTokenSource Cancel, long StartedMs);

    /// <summary>Of the tasks that run.</summary>
    public IReadOnlyDictionary<TopicPartitionId, (StreamTask Task, TaskInput Input)> Inputs => inputs;
    /// <summary>Something was given or taken and not looked at yet.</summary>
    public bool Changed => changed;
    public bool Restoring => restores.Count > 0;
    /// <summary>The group has given nothing.</summary>
    public bool Idle => owned.Count == 0;
    public bool HasRestored => !results.IsEmpty;
    /// <summary>A restorer uses the clients, possibly one whose result nobody wants any more.</summary>
    public bool UsesClients => Volatile.Read(ref restorers) > 0;

    public void Given(IReadOnlyList<TopicPartitionId> partitions)
    {
        owned.UnionWith(partitions);
        changed = true;
    }

    /// <summary>Tasks that run and have an input among these.</summary>
    public List<StreamTask> RunningOf(IReadOnlyList<TopicPartitionId> partitions) =>
        [.. partitions.Where(inputs.ContainsKey).Select(p => inputs[p].Task).Distinct()];

    /// <summary>Gives up every task with an input among these, whatever it is doing.</summary>
    public void TakenAway(IReadOnlyList<TopicPartitionId> partitions)
    {
        owned.ExceptWith(partitions);
        changed = settings.Incremental; // what is left may have to be looked at; an eager rebalance tells it all anew
        foreach (var task in RunningOf(partitions)) Release(task);
        foreach (var restore in restores)
            foreach (var task in restore.Tasks.Where(t => t.Inputs.Any(i => !owned.Contains(i.Id)))) task.Release();
        CancelIdle();
    }

    public void ReleaseAll() => TakenAway([.. owned]);

    private void Release(StreamTask task)
    {
        kernel.Release(task);
        foreach (var input in task.Inputs) inputs.Remove(input.Id);
    }

    /// <summary>Ends restores none of whose tasks is wanted any more.</summary>
    private void CancelIdle()
    {
        foreach (var idle in restores.Where(r => r.Tasks.TrueForAll(t => t.Released)).ToList())
        {
            idle.Cancel.Cancel();
            restores.Remove(idle);
        }
    }

    /// <summary>Makes and restores the tasks whose inputs are all here. Never from within a rebalance handler.</summary>
    /// <exception cref="StreamsConfigurationException">The assignor does not keep inputs together.</exception>
    public void StartRestore()
    {
        if (!changed && incompleteSinceMs is null) return;
        changed = false;
        var tasks = MakeTasks();
        if (tasks.Count == 0)
        {
            if (!Restoring && application.Health.State != StreamsState.Running) application.Enter(StreamsState.Running);
            return;
        }
        if (kernel.Tasks.Count == 0) application.Enter(StreamsState.Restoring);
        var restore = new Restore(tasks, new CancellationTokenSource(), kernel.MonotonicMs);
        restores.Add(restore);
        var restorer = new Restorer(transport, settings, consumer, admin, application.Topology, application.Scheduling);
        Interlocked.Increment(ref restorers);
        application.Scheduling.RunThread($"{options.ApplicationId}-restore", () =>
        {
            results.Enqueue((restore, restorer.Run(tasks, restore.Cancel.Token)));
            Interlocked.Decrement(ref restorers);
            kernel.Wake.Set();
        });
    }

    /// <summary>A task for each partition number that has none and all its inputs. With incremental assignments the inputs of one may come one after the other, at most for a session's length.</summary>
    private List<StreamTask> MakeTasks()
    {
        var present = kernel.Tasks.Concat(restores.SelectMany(r => r.Tasks)).Where(t => !t.Released).Select(t => (t.Sub, t.Partition)).ToHashSet();
        var tasks = new List<StreamTask>();
        string? incomplete = null;
        foreach (var sub in application.Topology.Subs)
            foreach (var partition in owned.Where(p => sub.Sources.Any(s => s.Topic == p.Topic)).Select(p => p.Partition).Distinct().Order())
            {
                if (present.Contains((sub, partition))) continue;
                var missing = sub.Sources.Where(s => !owned.Contains(new(s.Topic, partition))).Select(s => s.Topic).ToList();
                if (missing.Count == 0) tasks.Add(new StreamTask(kernel, sub, partition));
                else incomplete = $"the group's assignor gave partition {partition} of {sub.Sources.First(s => owned.Contains(new(s.Topic, partition))).Topic} without {string.Join(", ", missing)}";
            }
        if (incomplete is null) incompleteSinceMs = null;
        else incompleteSinceMs ??= kernel.MonotonicMs;
        if (incomplete is not null && (!settings.Incremental || kernel.MonotonicMs - incompleteSinceMs > options.SessionTimeoutMs))
            throw new StreamsConfigurationException($"{incomplete}; every member must use a range assignor");
        return tasks;
    }

    /// <summary>Lets restored tasks run.</summary>
    public bool TakeRestored()
    {
        var any = false;
        while (results.TryDequeue(out var done))
        {
            var (restore, result) = done;
            if (!restores.Remove(restore)) continue;
            var tasks = restore.Tasks.FindAll(t => !t.Released);
            if (result.Overtaken || (result.Error is not null && tasks.Count < restore.Tasks.Count))
            {
                // what another instance commits now may have been read half: what is still ours begins again
                foreach (var task in tasks) task.Release();
                changed = true;
                continue;
            }
            if (result.Error is { } error) throw error;
            foreach (var task in tasks)
            {
                kernel.Add(task);
                foreach (var input in task.Inputs) inputs[input.Id] = (task, input);
            }
            // a partition that was taken away meanwhile may be back, restored by another run, with a later start
            consumer.Assign([.. result.Start.Where(s => inputs.TryGetValue(s.Partition, out var at) && tasks.Contains(at.Task))]);
            foreach (var task in tasks) task.Start();
            any = true;
            var elapsed = kernel.MonotonicMs - restore.StartedMs;
            kernel.Metrics.Restored(elapsed);
            Log.Restored(application.Logger, options.ApplicationId, options.InstanceSlot, result.Records, tasks.Count, elapsed);
            if (application.Health.State != StreamsState.Running) application.Enter(StreamsState.Running);
        }
        return any;
    }
}
