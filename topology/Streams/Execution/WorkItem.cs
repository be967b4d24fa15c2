using System.Diagnostics;

namespace StreamPlatform.Streams;

/// <summary>
/// One record (or timer event) on its way through its sub-topology. All it causes is staged here and leaves only with its finish:
/// outputs, state changes and the finished offset enter the same transaction, or none of them does. Touched by the owner loop alone.
/// </summary>
internal sealed class WorkItem
{
    private readonly OffsetTracker.Entry? tracked;
    private List<AsyncCall>? calls;
    private List<OutputRecord>? outputs;
    private StoreOverlay[] overlays = [];
    private int overlayCount;
    private long? tableDeadlineMs;
    private int attempts;
    private bool finished;
    private bool running;

    public WorkItem(StreamTask task, TaskInput input, ConsumedRecord record, OffsetTracker.Entry? tracked)
    {
        Task = task; Input = input; Record = record; this.tracked = tracked;
        Context = null!;
    }

    public WorkItem(StreamTask task, IKeyedNode timer, string key, RecordHeaders headers)
    {
        Task = task; Timer = timer; LockKey = key; TimerHeaders = headers;
        Context = null!;
    }

    public StreamTask Task { get; }
    public TaskInput? Input { get; }
    public ConsumedRecord? Record { get; }
    public IKeyedNode? Timer { get; }
    /// <summary>Size of its record, bytes.</summary>
    public int Bytes => (Record?.Key?.Length ?? 0) + (Record?.Value?.Length ?? 0);
    public bool IsFinished => finished;
    /// <summary>What an event-time timer fires for, ms since the epoch; null for records and wall-clock timers.</summary>
    public long? EventTimeMs { get; init; }
    /// <summary>Largest timestamp of the input's offsets up to this record's, fixed when it was read; -1 for timers.</summary>
    public long StreamTimeMs => tracked?.StreamTimeMs ?? -1;
    /// <summary>Set when it came from a retry topic; the record is then as it was on its input.</summary>
    public RetryMark? Retried { get; init; }
    private RetryNode? Retry => Input?.Source.Retry;
    /// <summary>A deferred error goes to a retry topic at once.</summary>
    public bool Defers(ErrorClass errorClass) => errorClass == ErrorClass.Deferred && Retry is not null;
    private RecordHeaders? TimerHeaders { get; }
    public object? Key { get; set; }
    public string? LockKey { get; set; }
    public bool HoldsLock { get; set; }
    /// <summary>The lock it holds or waits for.</summary>
    public string SlotKey { get; set; } = "";
    /// <summary>When it got its key, monotonic ms.</summary>
    public long LockedAtMs { get; set; }
    /// <summary>Waits for its key's row in a joined table; the row may overtake it.</summary>
    public bool Parked { get; private set; }
    public RecordContext Context { get; private set; }
    /// <summary>Rises whenever what was started for the item is abandoned.</summary>
    public int Generation { get; private set; }
    public int PendingSinks { get; set; }
    /// <summary>The step at work, for error messages and dead letters.</summary>
    public string CurrentStep { get; set; } = "";
    public Activity? Activity { get; private set; }
    private Kernel Kernel => Task.Kernel;

    public void Run()
    {
        Discard();
        Parked = false;
        Activity ??= Kernel.StartActivity(this);
        Context = Record is { } r
            ? new RecordContext(this, r.Topic, r.Partition, r.Offset, r.TimestampMs, Key as string ?? LockKey, r.Headers)
            : new RecordContext(this, Task.Sub.Sources[0].Topic, Task.Partition, -1, EventTimeMs ?? Kernel.WallClockMs, LockKey, TimerHeaders!);
        Guard(static item =>
        {
            if (item.Timer is { } timer) timer.Fire(item, item.LockKey!);
            else if (item.Retry is not { } retry || retry.Enter(item)) item.Input!.Source.Deliver(item);
        });
    }

    public void StartCall(AsyncCall call)
    {
        (calls ??= new(1)).Add(call);
        Kernel.EnterGate(call);
    }

    /// <summary>Forwards the results of a step in the order of its calls, whatever the order of their ends.</summary>
    public void CallDone(AsyncCall done)
    {
        done.Done = true;
        var generation = Generation;
        Guard(item =>
        {
            for (var i = 0; item.Generation == generation && i < item.calls!.Count; i++)
            {
                var call = item.calls[i];
                if (!ReferenceEquals(call.Node, done.Node)) continue;
                if (!call.Done) return;
                item.calls.RemoveAt(i--);
                item.CurrentStep = call.Node.Name;
                call.Continue();
            }
        });
    }

    public void CallFailed(AsyncCall call, Exception error)
    {
        CurrentStep = call.Node.Name;
        var errorClass = Kernel.Classify(error);
        if (!Defers(errorClass) && errorClass is ErrorClass.Transient or ErrorClass.Deferred && call.Attempts < (call.MaxAttempts ?? Kernel.Options.MaxAttempts))
        {
            Kernel.Retrying(CurrentStep, call.Attempts, error);
            var generation = Generation;
            Kernel.Schedule(Kernel.BackoffMs(call.Attempts), () =>
            {
                if (Generation == generation && !Task.Released) Kernel.EnterGate(call);
            });
            return;
        }
        GiveUp(error, errorClass, call.Attempts);
    }

    /// <summary>Its key is blocked beyond a bound: what it waits for is abandoned and it goes to a retry topic, else the way of exhausted records.</summary>
    public void GiveUpSlow(string why)
    {
        if (finished || Parked || Context is null) return; // not started: it is not what blocks
        GiveUp(new DeferredException($"given up: {why}"), ErrorClass.Deferred, 1);
    }

    public void SinkDone()
    {
        PendingSinks--;
        Settle();
    }

    public void SinkFailed(string sink, Exception error, ErrorClass errorClass, int tried)
    {
        CurrentStep = sink;
        GiveUp(error, errorClass, tried);
    }

    public void Emit(in OutputRecord output)
    {
        CheckSize(output.Topic, output.Key.Length + output.Value.Length);
        Stage(output);
    }

    /// <summary>As <see cref="Emit"/>, unchecked: for a record that was accepted as an input.</summary>
    public void Stage(in OutputRecord output) => (outputs ??= new(1)).Add(output);

    /// <summary>A record the broker would refuse must not enter a batch: the batch could never be committed.</summary>
    private void CheckSize(string topic, int bytes)
    {
        if (bytes > Kernel.Options.MaxRecordBytes)
            throw new PoisonException($"a record of {bytes} bytes for {topic} exceeds {nameof(StreamsOptions.MaxRecordBytes)} ({Kernel.Options.MaxRecordBytes})");
    }

    public StoreOverlay Overlay(KeyedStore store, string key, IStateSerializer serializer)
    {
        for (var i = 0; i < overlayCount; i++)
            if (ReferenceEquals(overlays[i].Store, store) && overlays[i].Key == key) return overlays[i];
        if (overlayCount == overlays.Length) Array.Resize(ref overlays, Math.Max(1, overlayCount * 2));
        var overlay = overlays[overlayCount++] ??= new StoreOverlay();
        overlay.Begin(store, key, serializer);
        return overlay;
    }

    /// <summary>
    /// True if the item now waits for its table row. Two topics have no common order, so a record may be fetched before the row that was
    /// written before it; it waits once, a bounded time.
    /// </summary>
    public bool WaitForTable()
    {
        if (Kernel.Options.TableWaitMs == 0 || Timer is not null) return false;
        tableDeadlineMs ??= Kernel.MonotonicMs + Kernel.Options.TableWaitMs;
        if (Kernel.MonotonicMs >= tableDeadlineMs) return false;
        Parked = true;
        return true;
    }

    /// <summary>The row it waits for may be there: it must be run again.</summary>
    public void Unpark()
    {
        Parked = false;
        Generation++;
    }

    /// <summary>Fails with an error met before the item ran (a malformed key).</summary>
    public void Reject(string step, Exception error)
    {
        CurrentStep = step;
        Context = new RecordContext(this, Record!.Topic, Record.Partition, Record.Offset, Record.TimestampMs, null, Record.Headers);
        Handle(error);
    }

    private void Guard(Action<WorkItem> body)
    {
        running = true;
        try { body(this); }
        catch (Exception e)
        {
            running = false;
            Handle(e);
            return;
        }
        running = false;
        Settle();
    }

    private void Settle()
    {
        if (running || finished) return;
        if (Parked)
        {
            Discard();
            var generation = Generation;
            Kernel.Schedule(Math.Max(0, tableDeadlineMs!.Value - Kernel.MonotonicMs), () =>
            {
                if (Parked && Generation == generation && !Task.Released) Run();
            });
            Task.LetRowsPass(this);
            return;
        }
        if (calls is { Count: > 0 }) return;
        if (PendingSinks > 0)
        {
            if (HoldsLock && !Task.Sub.HoldsLockToFinish) Task.Unlock(this);
            return;
        }
        Finish();
    }

    private void Handle(Exception error)
    {
        var errorClass = Kernel.Classify(error);
        if (!Defers(errorClass) && errorClass is ErrorClass.Transient or ErrorClass.Deferred && ++attempts < Kernel.Options.MaxAttempts)
        {
            Kernel.Retrying(CurrentStep, attempts, error);
            Discard();
            var generation = Generation;
            Kernel.Schedule(Kernel.BackoffMs(attempts), () =>
            {
                if (Generation == generation && !Task.Released) Run();
            });
            return;
        }
        GiveUp(error, errorClass, Math.Max(1, attempts));
    }

    private void GiveUp(Exception error, ErrorClass errorClass, int tried)
    {
        Discard();
        var exhausted = errorClass is ErrorClass.Transient or ErrorClass.Deferred;
        if (exhausted && Retry?.Defer(this, error) == true)
        {
            Log.Deferred(Kernel.Logger, Task.ApplicationId, Context.Topic, Context.Partition, Context.Offset, CurrentStep, error.GetType().Name + ": " + error.Message);
            Finish();
            return;
        }
        if (errorClass == ErrorClass.Fatal || (exhausted && Kernel.Options.OnExhausted == ExhaustedPolicy.Fatal))
        {
            Kernel.Fail(new FatalStepException($"step '{CurrentStep}' failed at {Record?.Topic ?? "timer"}[{Task.Partition}] offset {Record?.Offset ?? -1}: {error.Message}", error));
            return; // unfinished for good: no offset passes it
        }
        Kernel.DeadLettered(this, error, tried);
        Stage(DeadLetter.Of(this, error, tried + (Retried?.Attempts ?? 0)));
        Retry?.Leave(this);
        Finish();
    }

    /// <summary>All is done: effects enter the open batch. Under ordering None it waits for its turn.</summary>
    public void Finish()
    {
        if (Task.Order is { } order && !order.MayFinish(this)) return;
        if (overlayCount > 0)
        {
            try
            {
                for (var i = 0; i < overlayCount; i++) CheckSize(overlays[i].Store.ChangelogTopic, overlays[i].Serialize());
            }
            catch (PoisonException e) { Handle(e); return; }
            catch (Exception e) { Handle(new SerializationException($"state of a record cannot be written: {e.Message}", e)); return; }
            for (var i = 0; i < overlayCount; i++) overlays[i].Apply(Task.Open);
        }
        finished = true;
        Activity?.Stop();
        if (outputs is not null)
            foreach (var output in outputs) Task.Open.Outputs.Add(output);
        Task.Finished(this, tracked);
    }

    /// <summary>Abandons what was started and staged; objects a step may have changed in place are read anew from their bytes.</summary>
    private void Discard()
    {
        Generation++;
        calls?.Clear();
        outputs?.Clear();
        PendingSinks = 0;
        for (var i = 0; i < overlayCount; i++) overlays[i].Store.DropCache(overlays[i].Key);
        overlayCount = 0;
    }
}
