using System.Collections.Concurrent;
using System.Diagnostics;
using Microsoft.Extensions.Logging;

namespace StreamPlatform.Streams;

/// <summary>
/// What the tasks of one instance share: completions, retries, concurrency gates, sinks and the clock. Everything but
/// <see cref="Completed"/> belongs to the thread that owns it: the owner loop, or the test driver.
/// </summary>
internal sealed class Kernel
{
    private readonly ConcurrentQueue<ICompletion> completions = new();
    private readonly PriorityQueue<Action, (long DueMs, long Order)> schedule = new();
    private readonly List<StreamTask> tasks = [];
    private readonly Gate[] gates;
    private readonly CancellationTokenSource stopping = new();
    private readonly long startTimestamp;
    private long scheduled;

    private sealed class Gate
    {
        public int Running;
        public readonly Queue<AsyncCall> Waiting = new();
    }

    public Kernel(Topology topology, StreamsOptions options, TimeProvider time, IScheduling scheduling, ILogger logger)
    {
        Topology = topology; Options = options; Time = time; Scheduling = scheduling; Logger = logger;
        Metrics = new StreamsMetrics(options.ApplicationId);
        Wake = scheduling.CreateSignal();
        startTimestamp = time.GetTimestamp();
        gates = [.. topology.Gates.Select(_ => new Gate())];
        Sinks = [.. topology.Sinks.Select(s => s.CreateWriter(this))];
    }

    public Topology Topology { get; }
    public StreamsOptions Options { get; }
    public TimeProvider Time { get; }
    public IScheduling Scheduling { get; }
    public ILogger Logger { get; }
    public StreamsMetrics Metrics { get; }
    public ISinkWriter[] Sinks { get; }
    public IReadOnlyList<StreamTask> Tasks => tasks;
    public Queue<WorkItem> Runnable { get; } = new();
    public int InFlight { get; set; }
    /// <summary>Of the records in flight.</summary>
    public long InFlightBytes { get; set; }
    /// <summary>Of the batches that are being committed.</summary>
    public long CommittingBytes { get; set; }
    /// <summary>The monotonic clock as of the last <see cref="Pump"/>, ms: for what need not be exact.</summary>
    public long LoopMs { get; private set; }
    public long FinishedRecords { get; set; }

    /// <summary>The inputs were polled. After a standstill (SIGSTOP, a long collection, a drain) what came meanwhile is not fetched at once.</summary>
    public void Polled()
    {
        var now = MonotonicMs;
        if (now - polledAtMs > StandstillMs) wentOnAtMs = now;
        polledAtMs = now;
    }

    /// <summary>Polls come one after the other, and have for a while: what is not read is not there. Where nobody polls (the test driver), always.</summary>
    public bool ReadsOn => polledAtMs is not { } polled || (MonotonicMs - polled <= StandstillMs && MonotonicMs - wentOnAtMs >= SettleMs);

    private const int StandstillMs = 500;
    public const int SettleMs = 1_000;
    private long? polledAtMs;
    private long wentOnAtMs = long.MinValue / 2;
    public CancellationToken Stopping => stopping.Token;
    public Exception? FatalError { get; private set; }
    /// <summary>Partition counts of topics, as far as known.</summary>
    public Dictionary<string, int> PartitionCounts { get; } = [];

    public long MonotonicMs => (long)Time.GetElapsedTime(startTimestamp).TotalMilliseconds;
    public long WallClockMs => Time.GetUtcNow().ToUnixTimeMilliseconds();
    public string ProgressTopic => Topology.ProgressTopicOf(Options.ApplicationId);
    public string ChangelogTopic(string store) => Topology.ChangelogTopicOf(Options.ApplicationId, store);

    /// <summary>Everything that waits in memory: records in flight, outputs of the open batches, batches under commit.</summary>
    public long BufferedBytes
    {
        get
        {
            var bytes = InFlightBytes + CommittingBytes;
            foreach (var task in tasks) bytes += task.Open.Outputs.Bytes;
            return bytes;
        }
    }

    public void Add(StreamTask task) => tasks.Add(task);

    /// <summary>Gives one task up: what is under way for it is ignored when it ends.</summary>
    public void Release(StreamTask task)
    {
        task.Release();
        tasks.Remove(task);
    }

    public void ReleaseAll()
    {
        foreach (var task in tasks) task.Release();
        tasks.Clear();
        Runnable.Clear();
    }

    public void Completed(ICompletion completion)
    {
        completions.Enqueue(completion);
        if (!Wake.IsSet) Wake.Set();
    }

    public bool HasCompletions => !completions.IsEmpty;

    /// <summary>Set whenever something ended elsewhere: a completion, a commit.</summary>
    public ISignal Wake { get; }

    /// <summary>Waits until something has ended elsewhere; may return early.</summary>
    public void WaitElsewhere(TimeSpan timeout)
    {
        if (!completions.IsEmpty) return;
        Wake.Wait(timeout);
        Wake.Reset(); // what set it is in its queue already
    }

    /// <summary>Waits without polling until <see cref="Pump"/> has a completion to handle; false after the time-out.</summary>
    public bool WaitForCompletion(TimeSpan timeout)
    {
        while (completions.IsEmpty)
        {
            Wake.Reset();
            if (!completions.IsEmpty) break;
            if (!Wake.Wait(timeout)) return false;
        }
        return true;
    }

    /// <summary>Does everything that is due, until nothing is. Returns whether anything was.</summary>
    public bool Pump()
    {
        var any = false;
        while (FatalError is null)
        {
            var now = LoopMs = MonotonicMs;
            var did = false;
            while (completions.TryDequeue(out var completion)) { completion.Complete(this); did = true; }
            while (schedule.TryPeek(out _, out var due) && due.DueMs <= now) { schedule.Dequeue()(); did = true; }
            while (Runnable.TryDequeue(out var item))
            {
                if (item.Task.Released) continue;
                item.Run();
                did = true;
            }
            foreach (var sink in Sinks) sink.Pump(now);
            var inFlight = InFlight;
            foreach (var task in tasks) task.FireTimers(now);
            did |= InFlight != inFlight;
            if (!did)
            {
                BoundState();
                return any;
            }
            any = true;
        }
        return any;
    }

    /// <summary>State is in memory: beyond its bound the instance stops, with a reason, before the process does without one. The changelog keeps what is committed.</summary>
    private void BoundState()
    {
        long bytes = 0;
        foreach (var task in tasks)
            foreach (var node in task.Sub.KeyedNodes) bytes += ((KeyedState)task.State[node.StateIndex]!).Store.Bytes;
        if (bytes > Options.MaxStateBytes)
            Fail(new StreamsConfigurationException($"the state of application {Options.ApplicationId} takes about {bytes} bytes on this instance, more than {nameof(StreamsOptions.MaxStateBytes)} ({Options.MaxStateBytes}): raise it, run more instances, or keep less per key"));
    }

    /// <summary>When <see cref="Pump"/> has something to do without a completion; null = never.</summary>
    public long? NextDueMs(bool withTimers = true)
    {
        long? next = schedule.TryPeek(out _, out var due) ? due.DueMs : null;
        foreach (var sink in Sinks)
            if (sink.NextMs is { } sinkDue && (next is null || sinkDue < next)) next = sinkDue;
        if (!withTimers) return next;
        foreach (var task in tasks)
            if (task.NextTimerMs() is { } timer && (next is null || timer < next)) next = timer;
        return next;
    }

    public void Schedule(long delayMs, Action action) => schedule.Enqueue(action, (MonotonicMs + delayMs, scheduled++));

    /// <summary>Calls of asynchronous steps that have begun and whose end has not been handled.</summary>
    public int RunningCalls => gates.Sum(g => g.Running);

    public void EnterGate(AsyncCall call)
    {
        var node = (IGatedNode)call.Node;
        var gate = gates[node.GateIndex];
        if (gate.Running >= node.MaxConcurrency) { gate.Waiting.Enqueue(call); return; }
        gate.Running++;
        call.Start(this);
    }

    public void LeaveGate(Node node)
    {
        var gate = gates[((IGatedNode)node).GateIndex];
        gate.Running--;
        while (gate.Waiting.TryDequeue(out var next))
        {
            if (next.Item.Task.Released || next.Item.Generation != next.Generation) continue;
            gate.Running++;
            next.Start(this);
            return;
        }
    }

    public ErrorClass Classify(Exception error) => Options.Classify?.Invoke(error) ?? ErrorClassifier.Default(error);

    public long BackoffMs(int attempts) => Math.Min(Options.RetryBackoffMaxMs, (long)Options.RetryBackoffMs << Math.Min(20, attempts - 1));

    public void Retrying(string step, int attempt, Exception error)
    {
        Metrics.Retried();
        Log.Retry(Logger, Options.ApplicationId, step, attempt, error.GetType().Name + ": " + error.Message);
    }

    public void DeadLettered(WorkItem item, Exception error, int attempts)
    {
        Metrics.DeadLettered(item.Context.Topic);
        Log.DeadLetter(Logger, Options.ApplicationId, item.Context.Topic, item.Context.Partition, item.Context.Offset, item.CurrentStep, attempts,
            error.GetType().Name + ": " + error.Message);
        if (item.Timer is not null) Log.TimerPoison(Logger, Options.ApplicationId, error);
        item.Activity?.SetStatus(ActivityStatusCode.Error, error.Message);
    }

    /// <summary>The instance must stop; the first error counts.</summary>
    public void Fail(Exception error)
    {
        if (FatalError is not null) return;
        FatalError = error;
        Log.Fatal(Logger, Options.ApplicationId, error);
    }

    public Activity? StartActivity(WorkItem item)
    {
        if (item.Record is not { } record || !StreamsMetrics.Activities.HasListeners()) return null;
        ActivityContext.TryParse(record.Headers.LastUtf8("traceparent"), record.Headers.LastUtf8("tracestate"), isRemote: true, out var parent);
        var activity = StreamsMetrics.Activities.StartActivity($"{Options.ApplicationId} process", ActivityKind.Consumer, parent);
        activity?.SetTag("messaging.source.name", record.Topic).SetTag("messaging.kafka.partition", record.Partition).SetTag("messaging.kafka.offset", record.Offset);
        Activity.Current = null;
        return activity;
    }

    /// <summary>Null = none.</summary>
    public RecordHeaders? OutputHeaders(RecordContext context) =>
        context.HasHeaders || context.Item.Activity is not null ? context.OutputHeaders(Options.ForwardHeaders, context.Item.Activity?.Id) : null;

    public RecordHeaders ForwardedHeaders(RecordContext context) => context.HasHeaders ? context.OutputHeaders(Options.ForwardHeaders, null) : RecordHeaders.Empty;

    public OutputRoute RouteOf(StreamTask task, string topic) => PartitionCounts.TryGetValue(topic, out var count)
        ? new(count, PartitionCounts.TryGetValue(task.Sub.Sources[0].Topic, out var sourceCount) && sourceCount == count)
        : new(0, false);

    /// <summary>Cancels asynchronous steps; their ends are ignored.</summary>
    public void Cancel() => stopping.Cancel();
}
