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
    private readonly OwnershipCheck? ownership;
    private readonly IGroupConsumer consumer;
    private readonly IOutputProducer producer;
    private readonly ITopicAdmin admin;
    private readonly TaskAssignment assignment;
    private readonly FlowControl flow;
    private readonly PollResult[] polled = new PollResult[PollBatch];
    private long lastCommitMs;
    private long finishedAtCommit;
    private long nextHealthMs;
    private long lastReadMs;

    public Session(StreamsApplication application, ITransport transport, TransportSettings settings, IReadOnlyDictionary<string, int> partitionCounts)
    {
        this.application = application; this.transport = transport; this.settings = settings;
        options = settings.Options;
        logger = application.Logger;
        kernel = new Kernel(application.Topology, options, application.Time, application.Scheduling, logger);
        foreach (var (topic, count) in partitionCounts) kernel.PartitionCounts[topic] = count;
        admin = transport.OpenAdmin(settings);
        purger = RepartitionPurger.For(application.Topology, admin, options, application.Time, application.Scheduling, logger);
        ownership = OwnershipCheck.For(partitionCounts, transport, settings, admin, application);
        producer = transport.OpenProducer(settings, options.Guarantee == ProcessingGuarantee.ExactlyOnce);
        consumer = transport.OpenConsumer(settings, this);
        assignment = new TaskAssignment(application, transport, settings, kernel, consumer, admin);
        flow = new FlowControl(options, kernel, consumer, application.Pauses);
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
            if (assignment.TakeRestored()) nextHealthMs = 0;
            kernel.Pump();
            if (kernel.FatalError is { } fatal) throw fatal;
            flow.Apply(assignment.Inputs);
            CommitIfDue(force: false);
            Poll();
            assignment.StartRestore();
            ownership?.Tick(kernel.MonotonicMs);
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
        if (flow.Holding)
        {
            kernel.WaitElsewhere(TimeSpan.FromMilliseconds(BusyPollMs));
            return;
        }
        var timeoutMs = PollTimeoutMs();
        // what is under way elsewhere wakes us; the client's own wait could not be ended by it
        var waitForWake = timeoutMs == BusyPollMs;
        if (waitForWake) timeoutMs = 0;
        int count;
        try { count = consumer.Poll(polled.AsSpan(0, Math.Clamp(options.MaxInFlightRecords - kernel.InFlight, 1, PollBatch)), timeoutMs); }
        catch (TransportException e) when (e.Failure == TransportFailure.Retriable)
        {
            settings.Warn("consumer", e.Message);
            return;
        }
        kernel.Polled();
        if (count == 0)
        {
            if (waitForWake) kernel.WaitElsewhere(TimeSpan.FromMilliseconds(BusyPollMs));
            return;
        }
        Deliver(polled.AsSpan(0, count));
    }

    private void Deliver(Span<PollResult> results)
    {
        var records = 0;
        var (topic, partition) = ("", -1);
        (StreamTask Task, TaskInput Input) target = default;
        foreach (ref var result in results)
        {
            if (result.Kind == PollKind.EndOfPartition)
            {
                if (assignment.Inputs.TryGetValue(result.Partition, out var ended)) ended.Task.ReadToEnd(ended.Input, result.EndOffset);
                continue;
            }
            var record = result.Record!;
            if (record.Partition != partition || !ReferenceEquals(record.Topic, topic))
            {
                (topic, partition) = (record.Topic, record.Partition);
                assignment.Inputs.TryGetValue(new(topic, partition), out target);
            }
            if (target.Task is null || target.Input is null) continue;
            records++;
            target.Task.Deliver(target.Input, record);
        }
        results.Clear();
        if (records == 0) return;
        lastReadMs = kernel.MonotonicMs;
        kernel.Metrics.Read(records);
    }

    /// <summary>Blocks long only when nothing can come from elsewhere.</summary>
    private int PollTimeoutMs()
    {
        if (kernel.HasCompletions || kernel.Runnable.Count > 0 || assignment.Changed) return 0;
        if (kernel.InFlight > 0 || committer.Busy || assignment.HasRestored) return BusyPollMs;
        if (assignment.Restoring) return 10;
        var now = kernel.MonotonicMs;
        long wait = IdlePollMs;
        if (kernel.NextDueMs() is { } due) wait = Math.Min(wait, due - now);
        if (kernel.FinishedRecords > finishedAtCommit) wait = Math.Min(wait, Math.Min(lastCommitMs + options.CommitIntervalMs, QuietCommitMs) - now);
        return (int)Math.Max(0, wait);
    }

    /// <summary>
    /// When the end of a burst is committed, if nothing is under way and nothing more is read: after a tenth of the interval without a record, and a quarter of it after the last commit, so that bursts
    /// at most multiply the number of transactions by four.
    /// </summary>
    private long QuietCommitMs => Math.Max(lastReadMs + options.CommitIntervalMs / 10, lastCommitMs + options.CommitIntervalMs / 4);

    private bool CommitDue(long now)
    {
        if (now - lastCommitMs >= options.CommitIntervalMs || kernel.BufferedBytes >= options.MaxBufferedBytes / 2) return true;
        var finished = kernel.FinishedRecords - finishedAtCommit;
        return finished >= options.CommitMaxRecords || (finished > 0 && kernel.InFlight == 0 && now >= QuietCommitMs);
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
        if (!force && !CommitDue(now)) return;
        lastCommitMs = now;
        finishedAtCommit = kernel.FinishedRecords;
        List<SealedBatch>? batches = null;
        foreach (var task in kernel.Tasks)
            if (task.Seal() is { } batch) (batches ??= []).Add(batch);
        if (batches is null) return;
        kernel.CommittingBytes = batches.Sum(b => b.Records.Bytes);
        committer.Submit(batches);
    }

    private void TakeCommitResults()
    {
        while (committer.TryTake(out var result))
        {
            kernel.CommittingBytes = 0;
            if (result.Error is { } error) throw error;
            if (result.Committed.Count > 0) application.Committed(result.Committed.Sum(b => b.Finished));
            purger?.Committed(result.Committed);
            foreach (var batch in result.Committed) batch.Task.Recycle(batch.Batch);
        }
    }

    // ---- assignment ----

    void IRebalanceHandler.Assigned(IReadOnlyList<TopicPartitionId> partitions)
    {
        assignment.Given(partitions);
        ownership?.Joined(kernel.MonotonicMs);
        Log.Assigned(logger, options.ApplicationId, options.InstanceSlot, string.Join(", ", partitions));
    }

    void IRebalanceHandler.Revoked(IReadOnlyList<TopicPartitionId> partitions)
    {
        Log.Released(logger, options.ApplicationId, options.InstanceSlot, "revoked", string.Join(", ", partitions));
        var leaving = assignment.RunningOf(partitions);
        if (leaving.Count > 0 && !application.Killed)
        {
            // the session's deadline bounds the drain too: a member that drains too long is thrown out anyway
            var deadlineMs = kernel.MonotonicMs + Math.Min(options.ShutdownDeadlineMs, options.SessionTimeoutMs / 2);
            try { DrainAndCommit(leaving, deadlineMs); }
            catch (Exception e) { kernel.Fail(e); } // a handler never throws: the loop sees it next
        }
        Drop(partitions);
    }

    void IRebalanceHandler.Lost(IReadOnlyList<TopicPartitionId> partitions)
    {
        Log.Released(logger, options.ApplicationId, options.InstanceSlot, "lost", string.Join(", ", partitions));
        Drop(partitions);
    }

    private void Drop(IReadOnlyList<TopicPartitionId> partitions)
    {
        assignment.TakenAway(partitions);
        nextHealthMs = 0;
    }

    // ---- the end ----

    private void Stop()
    {
        application.Enter(StreamsState.Stopping);
        DrainAndCommit([.. kernel.Tasks], kernel.MonotonicMs + options.ShutdownDeadlineMs);
        assignment.ReleaseAll();
        kernel.Cancel();
        consumer.Close();
        committer.Stop();
        if (kernel.FatalError is { } fatal) throw fatal; // met while it drained: nothing is lost, but the stop was not a clean one
    }

    /// <summary>Finishes what is under way for the tasks that leave, as far as the deadline lets it, and commits what is finished. The others go on with what was read.</summary>
    private void DrainAndCommit(List<StreamTask> leaving, long deadlineMs)
    {
        while (kernel.FatalError is null)
        {
            kernel.Pump();
            TakeCommitResults();
            if (UnderWay() == 0 || kernel.MonotonicMs >= deadlineMs) break;
            if (leaving.Count < kernel.Tasks.Count) CommitIfDue(force: false);
            var wait = Math.Min(deadlineMs - kernel.MonotonicMs, kernel.NextDueMs(withTimers: false) is { } due ? Math.Max(1, due - kernel.MonotonicMs) : 50);
            kernel.WaitElsewhere(TimeSpan.FromMilliseconds(Math.Min(50, wait)));
        }
        if (kernel.FatalError is not null) return;
        if (UnderWay() is > 0 and var unfinished) Log.Deadline(logger, options.ApplicationId, options.InstanceSlot, unfinished);
        var graceMs = Math.Max(1_000, deadlineMs - kernel.MonotonicMs);
        if (!committer.WaitIdle(TimeSpan.FromMilliseconds(graceMs))) return;
        TakeCommitResults();
        CommitIfDue(force: true);
        if (committer.WaitIdle(TimeSpan.FromMilliseconds(graceMs))) TakeCommitResults();

        int UnderWay() => leaving.Sum(t => t.InFlight);
    }

    /// <summary>Closes the clients, whatever state they are in. None is destroyed while another thread is in one of its calls: a hanging one is left until it returns.</summary>
    public void Dispose()
    {
        assignment.ReleaseAll();
        kernel.Cancel();
        committer.Stop();
        ownership?.Stop();
        if (WaitUnused(TimeSpan.FromSeconds(2))) CloseClients();
        else application.Scheduling.RunThread($"{options.ApplicationId}-dispose", () =>
        {
            WaitUnused(Timeout.InfiniteTimeSpan);
            CloseClients();
        });
    }

    /// <summary>True once no other thread uses the clients.</summary>
    private bool WaitUnused(TimeSpan timeout)
    {
        var pause = application.Scheduling.CreateSignal();
        var started = application.Time.GetTimestamp();
        while (committer.Busy || assignment.UsesClients || ownership is { UsesClients: true })
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
        // the consumer protocol says nothing to an instance that gets nothing: it stands by
        if (settings.Incremental && assignment.Idle && now > options.SessionTimeoutMs && application.Health.State is StreamsState.Starting or StreamsState.Rebuilding) application.Enter(StreamsState.Running);
        var partitions = new List<PartitionHealth>(assignment.Inputs.Count);
        foreach (var (id, (_, input)) in assignment.Inputs)
        {
            var high = consumer.HighWatermark(id);
            var lag = high < 0 ? -1 : Math.Max(0, high - Math.Max(0, input.Tracker.Base));
            if (lag == 0 || input.UserPaused || input.Delayed is { Any: true }) input.LastProgressMs = now;
            var stalled = lag > 0 && now - input.LastProgressMs > options.StallAfterMs;
            partitions.Add(new PartitionHealth(id.Topic, id.Partition, Math.Max(0, input.Tracker.Base), lag, input.Paused, stalled));
        }
        application.Report(kernel.InFlight, partitions);
    }
}
