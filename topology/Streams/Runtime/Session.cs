using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace StreamPlatform.Streams;

/// <summary>Why a session's loop ended.</summary>
internal enum SessionEnd { Stopped, Killed }

/// <summary>
/// One life of an instance's clients, from subscription to stop or fatal error: the owner loop. Everything here runs on the loop's
/// thread, save what <see cref="Committer"/> and <see cref="Restorer"/> do on theirs.
/// </summary>
internal sealed class Session : IRebalanceHandler
{
    private const int PollBatch = 1_000;
    private const int IdlePollMs = 100;
    private const int BusyPollMs = 5;
    private const int HoldBeforePauseMs = 300;
    private const int HealthEveryMs = 1_000;
    private static readonly TimeSpan CommitWatchdog = TimeSpan.FromSeconds(75);

    private readonly StreamsApplication application;
    private readonly ITransport transport;
    private readonly TransportSettings settings;
    private readonly StreamsOptions options;
    private readonly ILogger logger;
    private readonly Kernel kernel;
    private readonly Committer committer;
    private readonly RepartitionPurger? purger;
    private readonly IGroupConsumer consumer;
    private readonly IOutputProducer producer;
    private readonly ITopicAdmin admin;
    private readonly ConcurrentQueue<RestoreResult> restores = new();
    private readonly Dictionary<TopicPartitionId, (StreamTask Task, TaskInput Input)> inputs = [];
    private readonly List<TopicPartitionId> paused = [];
    private IReadOnlyList<TopicPartitionId>? pendingAssignment;
    private List<StreamTask> restoring = [];
    private CancellationTokenSource restoreCancel = new();
    private long epoch;
    private long restoreStartedMs;
    private long lastCommitMs;
    private long finishedAtCommit;
    private long nextHealthMs;
    private bool allPaused;
    private int restorers;
    private long? atBoundSinceMs;

    public Session(StreamsApplication application, ITransport transport, TransportSettings settings, IReadOnlyDictionary<string, int> partitionCounts)
    {
        this.application = application; this.transport = transport; this.settings = settings;
        options = settings.Options;
        logger = application.Logger;
        kernel = new Kernel(application.Topology, options, application.Time, application.Scheduling, logger);
        foreach (var (topic, count) in partitionCounts) kernel.PartitionCounts[topic] = count;
        admin = transport.OpenAdmin(settings);
        purger = RepartitionPurger.For(application.Topology, admin, options, application.Time, application.Scheduling, logger);
        producer = transport.OpenProducer(settings, options.Guarantee == ProcessingGuarantee.ExactlyOnce);
        consumer = transport.OpenConsumer(settings, this);
        committer = new Committer(producer, consumer, options, kernel.Metrics, logger, application.Time, application.Scheduling, kernel.Wake);
    }

    /// <exception cref="TransportException">The clients are lost: open a new session.</exception>
    public SessionEnd Run()
    {
        if (options.Guarantee == ProcessingGuarantee.ExactlyOnce) InitTransactions();
        consumer.Subscribe(application.Topology.InputTopics);
        while (true)
        {
            if (application.Killed) return SessionEnd.Killed;
            if (application.StopRequested)
            {
                Stop();
                return SessionEnd.Stopped;
            }
            TakeCommitResults();
            TakeRestore();
            kernel.Pump();
            if (kernel.FatalError is { } fatal) throw fatal;
            FlowControl();
            CommitIfDue(force: false);
            Poll();
            StartRestore();
            Report();
        }
    }

    /// <summary>Fences an earlier life of this slot and decides its open transaction.</summary>
    private void InitTransactions()
    {
        while (!application.StopRequested && !application.Killed)
        {
            try { producer.InitTransactions(TimeSpan.FromSeconds(5)); return; }
            catch (TransportException e) when (e.Failure == TransportFailure.Retriable) { settings.Warn("producer", e.Message); }
        }
    }

    private void Poll()
    {
        if (atBoundSinceMs is not null && !allPaused)
        {
            kernel.WaitElsewhere(TimeSpan.FromMilliseconds(BusyPollMs));
            return;
        }
        var timeoutMs = PollTimeoutMs();
        // what is under way elsewhere wakes us; the client's own wait could not be ended by it
        var waitForWake = timeoutMs == BusyPollMs;
        if (waitForWake) timeoutMs = 0;
        for (var i = 0; i < PollBatch; i++)
        {
            PollResult result;
            try { result = consumer.Poll(timeoutMs); }
            catch (TransportException e) when (e.Failure == TransportFailure.Retriable)
            {
                settings.Warn("consumer", e.Message);
                return;
            }
            timeoutMs = 0;
            if (result.Kind == PollKind.Nothing)
            {
                if (waitForWake && i == 0) kernel.WaitElsewhere(TimeSpan.FromMilliseconds(BusyPollMs));
                return;
            }
            if (result.Kind == PollKind.EndOfPartition)
            {
                if (inputs.TryGetValue(result.Partition, out var ended)) ended.Task.ReadToEnd(ended.Input, result.EndOffset);
                continue;
            }
            var record = result.Record!;
            if (!inputs.TryGetValue(new(record.Topic, record.Partition), out var target)) continue;
            kernel.Metrics.Read();
            target.Task.Deliver(target.Input, record);
            if (kernel.InFlight >= options.MaxInFlightRecords || kernel.HasCompletions) return;
        }
    }

    /// <summary>Blocks long only when nothing can come from elsewhere.</summary>
    private int PollTimeoutMs()
    {
        if (kernel.HasCompletions || kernel.Runnable.Count > 0 || pendingAssignment is not null) return 0;
        if (kernel.InFlight > 0 || committer.Busy || !restores.IsEmpty) return BusyPollMs;
        if (restoring.Count > 0) return 10;
        var now = kernel.MonotonicMs;
        long wait = IdlePollMs;
        if (kernel.NextDueMs() is { } due) wait = Math.Min(wait, due - now);
        if (kernel.FinishedRecords > finishedAtCommit) wait = Math.Min(wait, lastCommitMs + options.CommitIntervalMs - now);
        return (int)Math.Max(0, wait);
    }

    private void CommitIfDue(bool force)
    {
        if (committer.Busy)
        {
            if (committer.Elapsed > CommitWatchdog)
                throw new TransportException(TransportFailure.Fatal, $"a commit did not return within {CommitWatchdog}: the producer hangs and is rebuilt");
            return;
        }
        var now = kernel.MonotonicMs;
        if (!force && now - lastCommitMs < options.CommitIntervalMs && kernel.FinishedRecords - finishedAtCommit < options.CommitMaxRecords) return;
        lastCommitMs = now;
        finishedAtCommit = kernel.FinishedRecords;
        List<SealedBatch>? batches = null;
        foreach (var task in kernel.Tasks)
            if (task.Seal() is { } batch) (batches ??= []).Add(batch);
        if (batches is not null) committer.Submit(batches);
    }

    private void TakeCommitResults()
    {
        while (committer.TryTake(out var result))
        {
            if (result.Error is { } error) throw error;
            if (result.Committed.Count > 0) application.Committed(result.Committed.Sum(b => b.Finished));
            purger?.Committed(result.Committed);
        }
    }

    /// <summary>
    /// At the bound nothing is polled for a moment, which costs nothing; if it lasts, reading pauses (the client drops what it prefetched) and resumes at half. Tables are never paused, records may be waiting for them.
    /// </summary>
    private void FlowControl()
    {
        if (kernel.InFlight < options.MaxInFlightRecords) atBoundSinceMs = null;
        else atBoundSinceMs ??= kernel.MonotonicMs;
        if (!allPaused && kernel.MonotonicMs - atBoundSinceMs >= HoldBeforePauseMs) SetPaused(true, _ => true);
        else if (allPaused && kernel.InFlight <= options.MaxInFlightRecords / 2) SetPaused(false, _ => true);
        if (allPaused) return;
        foreach (var (_, (_, input)) in inputs)
        {
            if (!input.Paused && (input.Delayed is { Full: true } || (input.Tracker.Span >= options.MaxOffsetSpan && input.Tracker.Unfinished > 0))) SetPaused(true, i => ReferenceEquals(i, input));
            else if (input.Paused && input.Tracker.Span <= options.MaxOffsetSpan / 2 && input.Delayed is null or { HasRoom: true }) SetPaused(false, i => ReferenceEquals(i, input));
        }
    }

    private void SetPaused(bool pause, Func<TaskInput, bool> which)
    {
        paused.Clear();
        var every = true;
        foreach (var (id, (_, input)) in inputs)
        {
            if (input.Source.IsPassive) continue;
            if (!which(input)) { every = false; continue; }
            if (input.Paused == pause) continue;
            input.Paused = pause;
            if (!pause) input.ResumedAtMs = kernel.MonotonicMs;
            paused.Add(id);
        }
        if (every) allPaused = pause;
        if (paused.Count == 0) return;
        if (pause) consumer.Pause(paused);
        else consumer.Resume(paused);
    }

    // ---- assignment ----

    void IRebalanceHandler.Assigned(IReadOnlyList<TopicPartitionId> partitions)
    {
        epoch++;
        pendingAssignment = partitions;
        Log.Assigned(logger, options.ApplicationId, options.InstanceSlot, string.Join(", ", partitions));
    }

    void IRebalanceHandler.Revoked()
    {
        Log.Released(logger, options.ApplicationId, options.InstanceSlot, "revoked", string.Join(", ", inputs.Keys));
        if (kernel.Tasks.Count > 0 && !application.Killed)
        {
            // the session's deadline bounds the drain too: a member that drains too long is thrown out anyway
            var deadlineMs = kernel.MonotonicMs + Math.Min(options.ShutdownDeadlineMs, options.SessionTimeoutMs / 2);
            try { DrainAndCommit(deadlineMs); }
            catch (Exception e) { kernel.Fail(e); } // a handler never throws: the loop sees it next
        }
        Drop();
    }

    void IRebalanceHandler.Lost()
    {
        Log.Released(logger, options.ApplicationId, options.InstanceSlot, "lost", string.Join(", ", inputs.Keys));
        Drop();
    }

    private void Drop()
    {
        epoch++;
        restoreCancel.Cancel();
        restoring = [];
        pendingAssignment = null;
        kernel.ReleaseAll();
        inputs.Clear();
        allPaused = false;
    }

    private void StartRestore()
    {
        if (pendingAssignment is not { } partitions) return;
        pendingAssignment = null;
        application.Enter(StreamsState.Restoring);
        restoring = MakeTasks(partitions);
        restoreCancel = new CancellationTokenSource();
        restoreStartedMs = kernel.MonotonicMs;
        var (tasks, at, cancel) = (restoring, epoch, restoreCancel.Token);
        var restorer = new Restorer(transport, settings, consumer, admin, application.Topology, application.Scheduling);
        Interlocked.Increment(ref restorers);
        application.Scheduling.RunThread($"{options.ApplicationId}-restore", () =>
        {
            restores.Enqueue(restorer.Run(at, tasks, cancel));
            Interlocked.Decrement(ref restorers);
        });
    }

    private List<StreamTask> MakeTasks(IReadOnlyList<TopicPartitionId> partitions)
    {
        var assigned = partitions.ToHashSet();
        var tasks = new List<StreamTask>();
        foreach (var sub in application.Topology.Subs)
            foreach (var partition in partitions.Where(p => sub.Sources.Any(s => s.Topic == p.Topic)).Select(p => p.Partition).Distinct().Order())
            {
                var missing = sub.Sources.Where(s => !assigned.Contains(new(s.Topic, partition))).Select(s => s.Topic).ToList();
                if (missing.Count > 0)
                    throw new StreamsConfigurationException($"the group's assignor gave partition {partition} of {sub.Sources[0].Topic} without {string.Join(", ", missing)}; every member must use the range assignor");
                tasks.Add(new StreamTask(kernel, sub, partition));
            }
        return tasks;
    }

    private void TakeRestore()
    {
        while (restores.TryDequeue(out var result))
        {
            if (result.Epoch != epoch || !ReferenceEquals(result.Tasks, restoring)) continue;
            if (result.Error is OperationCanceledException) continue;
            if (result.Error is { } error) throw error;
            restoring = [];
            foreach (var task in result.Tasks)
            {
                kernel.Add(task);
                foreach (var input in task.Inputs) inputs[input.Id] = (task, input);
            }
            consumer.Assign(result.Start);
            foreach (var task in result.Tasks) task.Start();
            var elapsed = kernel.MonotonicMs - restoreStartedMs;
            kernel.Metrics.Restored(elapsed);
            Log.Restored(logger, options.ApplicationId, options.InstanceSlot, result.Records, result.Tasks.Count, elapsed);
            application.Enter(StreamsState.Running);
        }
    }

    // ---- the end ----

    private void Stop()
    {
        application.Enter(StreamsState.Stopping);
        DrainAndCommit(kernel.MonotonicMs + options.ShutdownDeadlineMs);
        Drop();
        kernel.Cancel();
        consumer.Close();
        committer.Stop();
    }

    /// <summary>Finishes what is under way, as far as the deadline lets it, and commits what is finished.</summary>
    private void DrainAndCommit(long deadlineMs)
    {
        while (kernel.FatalError is null)
        {
            kernel.Pump();
            TakeCommitResults();
            if (kernel.InFlight == 0 || kernel.MonotonicMs >= deadlineMs) break;
            var wait = Math.Min(deadlineMs - kernel.MonotonicMs, kernel.NextDueMs(withTimers: false) is { } due ? Math.Max(1, due - kernel.MonotonicMs) : 50);
            kernel.WaitElsewhere(TimeSpan.FromMilliseconds(Math.Min(50, wait)));
        }
        if (kernel.FatalError is not null) return;
        if (kernel.InFlight > 0) Log.Deadline(logger, options.ApplicationId, options.InstanceSlot, kernel.InFlight);
        var graceMs = Math.Max(1_000, deadlineMs - kernel.MonotonicMs);
        if (!committer.WaitIdle(TimeSpan.FromMilliseconds(graceMs))) return;
        TakeCommitResults();
        CommitIfDue(force: true);
        if (committer.WaitIdle(TimeSpan.FromMilliseconds(graceMs))) TakeCommitResults();
    }

    /// <summary>Closes the clients, whatever state they are in. None is destroyed while another thread is in one of its calls: a hanging one is left until it returns.</summary>
    public void Dispose()
    {
        Drop();
        kernel.Cancel();
        committer.Stop();
        if (WaitUnused(TimeSpan.FromSeconds(2))) CloseClients();
        else application.Scheduling.RunThread($"{options.ApplicationId}-dispose", () =>
        {
            WaitUnused(Timeout.InfiniteTimeSpan);
            CloseClients();
        });
    }

    /// <summary>True once neither the commit thread nor a restorer uses the clients.</summary>
    private bool WaitUnused(TimeSpan timeout)
    {
        var pause = application.Scheduling.CreateSignal();
        var started = application.Time.GetTimestamp();
        while (committer.Busy || Volatile.Read(ref restorers) > 0)
        {
            if (timeout != Timeout.InfiniteTimeSpan && application.Time.GetElapsedTime(started) >= timeout) return false;
            pause.Wait(TimeSpan.FromMilliseconds(20));
        }
        return true;
    }

    private void CloseClients()
    {
        Quietly(consumer.Dispose);
        Quietly(producer.Dispose);
        purger?.WaitIdle();
        Quietly(admin.Dispose);
    }

    private void Quietly(Action dispose)
    {
        try { dispose(); }
        catch (Exception e) { settings.Warn("close", e.Message); } // nothing depends on a dead client
    }

    private void Report()
    {
        var now = kernel.MonotonicMs;
        if (now < nextHealthMs) return;
        nextHealthMs = now + HealthEveryMs;
        var partitions = new List<PartitionHealth>(inputs.Count);
        foreach (var (id, (_, input)) in inputs)
        {
            var high = consumer.HighWatermark(id);
            var lag = high < 0 ? -1 : Math.Max(0, high - Math.Max(0, input.Tracker.Base));
            if (lag == 0 || input.Delayed is { Any: true }) input.LastProgressMs = now;
            var stalled = lag > 0 && now - input.LastProgressMs > options.StallAfterMs;
            partitions.Add(new PartitionHealth(id.Topic, id.Partition, Math.Max(0, input.Tracker.Base), lag, input.Paused, stalled));
        }
        application.Report(kernel.InFlight, partitions);
    }
}
