using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace StreamPlatform.Streams;

/// <summary>One running instance of a topology. Several may run in one process or in many; each needs its own <see cref="StreamsOptions.InstanceSlot"/>.</summary>
public sealed class StreamsApplication : IAsyncDisposable
{
    private static readonly TimeSpan RebuildWindow = TimeSpan.FromMinutes(5);
    private readonly ITransport transport;
    private readonly TaskCompletionSource completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource running = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TransportSettings settings;
    private readonly ISignal stopSignal;
    private readonly object gate = new();
    private Meter? gauges;
    private volatile StreamsHealth health = StreamsHealth.Initial;
    private long refreshedAt;
    private volatile bool killed;
    private int started;
    private Task calling = Task.CompletedTask; // the newest call on the admin client

    /// <param name="transport">Null = Confluent.Kafka.</param>
    /// <exception cref="StreamsConfigurationException">An option is out of range.</exception>
    public StreamsApplication(Topology topology, StreamsOptions options, ITransport? transport = null, TimeProvider? time = null, ILoggerFactory? loggers = null, IScheduling? scheduling = null)
    {
        Topology = topology;
        if (options.ApplicationId.Length == 0) options.ApplicationId = topology.ApplicationId;
        if (options.ApplicationId != topology.ApplicationId)
            throw new StreamsConfigurationException($"{nameof(StreamsOptions.ApplicationId)} is '{options.ApplicationId}' but the topology was built for '{topology.ApplicationId}'");
        options.Validate();
        if (transport is null && options.BootstrapServers.Length == 0) throw new StreamsConfigurationException($"{nameof(StreamsOptions.BootstrapServers)} is empty");
        Options = options;
        Time = time ?? TimeProvider.System;
        Scheduling = scheduling ?? ThreadScheduling.Instance;
        stopSignal = Scheduling.CreateSignal();
        Logger = (loggers ?? NullLoggerFactory.Instance).CreateLogger("StreamPlatform.Streams");
        this.transport = transport ?? new ConfluentTransport();
        var slot = $"{options.ApplicationId}-{options.InstanceSlot}";
        Pauses = new InputPauses(topology);
        var several = topology.Subs.FirstOrDefault(s => s.Sources.Count > 1);
        if (several is not null && options is { GroupProtocol: ConsumerGroupProtocol.Classic, Rebalance: RebalanceMode.Cooperative })
            throw new StreamsConfigurationException($"{nameof(StreamsOptions.Rebalance)} is {options.Rebalance}, but the partitions of {string.Join(", ", several.Sources.Select(s => s.Topic))} "
                + $"must align and cooperative-sticky does not align them; set it to {RebalanceMode.Auto} or {RebalanceMode.Eager}");
        settings = new TransportSettings(options, slot, slot, (client, reason) => Log.Client(Logger, options.ApplicationId, options.InstanceSlot, client, reason), AlignInputs: several is not null);
    }

    public Topology Topology { get; }
    public StreamsOptions Options { get; }
    internal TimeProvider Time { get; }
    internal IScheduling Scheduling { get; }
    internal ILogger Logger { get; }
    internal bool StopRequested => stopSignal.IsSet;
    internal bool Killed => killed;
    internal InputPauses Pauses { get; }

    /// <summary>Snapshot, refreshed about once a second and at each change of state. That it is refreshed is checked here, because a loop that hangs reports nothing.</summary>
    public StreamsHealth Health => health is { State: StreamsState.Running or StreamsState.Restoring } now
        && Time.GetElapsedTime(Interlocked.Read(ref refreshedAt)).TotalMilliseconds > Options.StallAfterMs ? now with { Hung = true } : health;

    /// <summary>Ends when the instance has stopped; faults with what stopped it.</summary>
    public Task Completion => completion.Task;

    /// <summary>Ends when the instance runs for the first time (restored, reading); faults if it never will.</summary>
    public Task Running => running.Task;

    /// <summary>Checks the topics, creates the runtime's own and starts the owner loop. Await <see cref="Running"/> to know that it reads.</summary>
    /// <exception cref="StreamsConfigurationException">A topic is missing or does not fit.</exception>
    public async Task StartAsync(CancellationToken cancel = default)
    {
        if (Interlocked.Exchange(ref started, 1) != 0) throw new InvalidOperationException($"application {Options.ApplicationId} was started before");
        Enter(StreamsState.Starting);
        try
        {
            var counts = await PrepareTopics(cancel).ConfigureAwait(false);
            gauges = StreamsMetrics.Observe(Options.ApplicationId, Options.InstanceSlot, () => Health);
            Scheduling.RunThread($"{Options.ApplicationId}-{Options.InstanceSlot}", () => RunLoop(counts));
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
            End(null); // who starts it has thought better of it
            throw;
        }
        catch (Exception e)
        {
            End(e);
            throw;
        }
    }

    /// <summary>Stops reading, finishes what is under way within <see cref="StreamsOptions.ShutdownDeadlineMs"/>, commits, leaves. Faults of the instance surface in <see cref="Completion"/>.</summary>
    public async Task StopAsync(CancellationToken cancel = default)
    {
        stopSignal.Set();
        if (Volatile.Read(ref started) == 0) End(null);
        try { await completion.Task.WaitAsync(cancel).ConfigureAwait(false); }
        catch (Exception) when (completion.Task.IsFaulted) { } // recorded in Completion and Health
    }

    /// <summary>Ends at once without commit or farewell, as a crash would; for fault tests.</summary>
    public async Task KillAsync()
    {
        killed = true;
        stopSignal.Set();
        try { await completion.Task.ConfigureAwait(false); }
        catch (Exception) when (completion.Task.IsFaulted) { } // recorded in Completion and Health
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync().ConfigureAwait(false);
        gauges?.Dispose();
    }

    /// <summary>
    /// Stops reading every input until <see cref="Resume()"/>; what was read goes on to its end. In force over rebalances and rebuilds, and before the start. The instance stays
    /// in its group and keeps its partitions. Tables that are only looked up are read on. Takes effect within about 100 ms. Any thread.
    /// </summary>
    public void Pause() => Pauses.PauseAll();

    /// <summary>As <see cref="Pause()"/>, for one input and its retry topics.</summary>
    /// <exception cref="ArgumentException">It is no input, or a table that is only looked up.</exception>
    public void Pause(string topic) => Pauses.Pause(topic);

    /// <summary>Ends every pause, that of single topics too.</summary>
    public void Resume() => Pauses.ResumeAll();

    /// <summary>Ends the pause of one input and its retry topics.</summary>
    /// <exception cref="ArgumentException">It is no input, or a table that is only looked up.</exception>
    public void Resume(string topic) => Pauses.Resume(topic);

    private async Task<Dictionary<string, int>> PrepareTopics(CancellationToken cancel)
    {
        var admin = transport.OpenAdmin(settings);
        try
        {
            return await PrepareTopics(admin, cancel).ConfigureAwait(false);
        }
        finally
        {
            // a call that was given up goes on: the client it runs on must outlive it
            _ = calling.ContinueWith(_ => admin.Dispose(), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        }
    }

    private async Task<Dictionary<string, int>> PrepareTopics(ITopicAdmin admin, CancellationToken cancel)
    {
        var startedAt = Time.GetTimestamp();
        while (true)
        {
            try
            {
                var present = await Elsewhere(admin.Topics, cancel).ConfigureAwait(false);
                var counts = TopicSetup.Verify(Topology, Options, present);
                var created = await Elsewhere(() => TopicSetup.Create(Topology, Options, present, admin, Logger), cancel).ConfigureAwait(false);
                // clients that ask for a topic before its creation has spread remember for long that it is unknown
                while (created.Count > 0 && Time.GetElapsedTime(startedAt).TotalMilliseconds < Options.StartPatienceMs)
                {
                    present = await Elsewhere(admin.Topics, cancel).ConfigureAwait(false);
                    if (created.All(present.ContainsKey)) break;
                    await Task.Delay(TimeSpan.FromMilliseconds(50), Time, cancel).ConfigureAwait(false);
                }
                return counts;
            }
            catch (Exception e) when (e is TransportException { Failure: TransportFailure.Retriable } or StreamsConfigurationException
                && Time.GetElapsedTime(startedAt).TotalMilliseconds < Options.StartPatienceMs)
            {
                // the broker, or whoever creates the topics, may be a moment late
                await Task.Delay(TimeSpan.FromMilliseconds(250), Time, cancel).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Runs a blocking call off the caller's thread.</summary>
    private Task<T> Elsewhere<T>(Func<T> call, CancellationToken cancel)
    {
        var done = new TaskCompletionSource<T>();
        calling = done.Task;
        Scheduling.RunAsync(() =>
        {
            try { done.TrySetResult(call()); }
            catch (Exception e) { done.TrySetException(e); } // the awaiting side classifies it
            return Task.CompletedTask;
        });
        return done.Task.WaitAsync(cancel);
    }

    private void RunLoop(Dictionary<string, int> counts)
    {
        var rebuilds = new Queue<long>();
        while (true)
        {
            Session? session = null;
            try
            {
                session = new Session(this, transport, settings, counts);
                session.Run();
                session.Dispose();
                End(null);
                return;
            }
            catch (TransportException e) when (e.Failure is TransportFailure.Fatal or TransportFailure.Abortable or TransportFailure.Retriable && !StopRequested)
            {
                session?.Dispose();
                rebuilds.Enqueue(Time.GetTimestamp());
                while (rebuilds.TryPeek(out var oldest) && Time.GetElapsedTime(oldest) > RebuildWindow) rebuilds.Dequeue();
                if (rebuilds.Count > Options.MaxRebuilds) { End(e); return; }
                Log.Rebuild(Logger, Options.ApplicationId, Options.InstanceSlot, rebuilds.Count, Options.MaxRebuilds, e);
                Enter(StreamsState.Rebuilding, e);
                stopSignal.Wait(TimeSpan.FromMilliseconds(Math.Min(10_000, 250 << Math.Min(rebuilds.Count - 1, 6))));
            }
            catch (Exception e)
            {
                session?.Dispose();
                End(e);
                return;
            }
        }
    }

    private void End(Exception? error)
    {
        Enter(error is null ? StreamsState.Stopped : StreamsState.Failed, error);
        if (error is null)
        {
            completion.TrySetResult();
            running.TrySetCanceled();
            return;
        }
        Log.Fatal(Logger, Options.ApplicationId, error);
        completion.TrySetException(error);
        running.TrySetException(error);
        _ = running.Task.Exception; // observed: not everybody awaits it
        _ = completion.Task.Exception;
    }

    internal void Enter(StreamsState state, Exception? error = null)
    {
        lock (gate)
        {
            var partitions = state is StreamsState.Running or StreamsState.Stopping ? health.Partitions : [];
            Interlocked.Exchange(ref refreshedAt, Time.GetTimestamp());
            health = health with { State = state, AtMs = NowMs, LastError = error?.Message ?? health.LastError, Partitions = partitions };
        }
        Log.State(Logger, Options.ApplicationId, Options.InstanceSlot, state);
        if (state == StreamsState.Running) running.TrySetResult();
    }

    internal void Committed(int records)
    {
        lock (gate) health = health with { CommittedRecords = health.CommittedRecords + records, LastProgressMs = NowMs };
    }

    internal void Report(int inFlight, IReadOnlyList<PartitionHealth> partitions)
    {
        lock (gate)
        {
            Interlocked.Exchange(ref refreshedAt, Time.GetTimestamp());
            health = health with { AtMs = NowMs, InFlight = inFlight, Partitions = partitions };
        }
    }

    private long NowMs => Time.GetUtcNow().ToUnixTimeMilliseconds();
}
