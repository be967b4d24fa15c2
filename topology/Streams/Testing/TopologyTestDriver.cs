using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace StreamPlatform.Streams;

/// <summary>
/// Runs a topology in memory on the same task code as the real runtime, one partition per topic, with virtual time.
/// <see cref="Pipe{K,V}"/> processes its record to the end, asynchronous steps and retries included (waits between attempts pass at once);
/// <see cref="Enqueue{K,V}"/> and <see cref="Settle"/> let records overlap. Outputs to an input topic of the topology flow back in.
/// </summary>
public sealed class TopologyTestDriver : IDisposable
{
    private readonly Topology topology;
    private readonly StreamsOptions options;
    private readonly ILogger logger;
    private readonly Dictionary<string, List<ConsumedRecord>> log = [];
    private readonly Dictionary<string, int> read = [];
    private Kernel kernel;

    public TopologyTestDriver(Topology topology, StreamsOptions? options = null, VirtualTime? time = null, ILoggerFactory? loggers = null)
    {
        this.topology = topology;
        this.options = options ?? new StreamsOptions { TableWaitMs = 0 }; // one thread: a row is there or is not
        if (this.options.ApplicationId.Length == 0) this.options.ApplicationId = topology.ApplicationId;
        this.options.Validate();
        Time = time ?? new VirtualTime();
        logger = (loggers ?? NullLoggerFactory.Instance).CreateLogger("StreamPlatform.Streams");
        kernel = Start();
    }

    public VirtualTime Time { get; }

    /// <summary>Real time that one <see cref="Settle"/> may wait for asynchronous steps.</summary>
    public TimeSpan SettleTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Virtual now, milliseconds since the epoch.</summary>
    public long NowMs => Time.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>Calls of asynchronous steps that have begun and whose end has not been handled. Equal to those that wait for virtual time: nothing happens before it moves.</summary>
    public int RunningCalls => kernel.RunningCalls;

    /// <summary>Writes one record to an input topic and processes it to the end.</summary>
    /// <param name="timestampMs">Event time, ms since the epoch; null = virtual now.</param>
    public void Pipe<K, V>(string topic, K? key, V? value, ISerde<K> keySerde, ISerde<V> valueSerde, long? timestampMs = null, RecordHeaders? headers = null)
    {
        Enqueue(topic, key, value, keySerde, valueSerde, timestampMs, headers);
        Settle();
    }

    /// <summary>Writes one record of bytes and processes it to the end.</summary>
    public void PipeBytes(string topic, byte[]? key, byte[]? value, long? timestampMs = null, RecordHeaders? headers = null)
    {
        Append(topic, key, value, timestampMs ?? NowMs, headers);
        Settle();
    }

    /// <summary>Writes one record and starts it, without waiting for asynchronous steps.</summary>
    public void Enqueue<K, V>(string topic, K? key, V? value, ISerde<K> keySerde, ISerde<V> valueSerde, long? timestampMs = null, RecordHeaders? headers = null)
    {
        Append(topic, key is null ? null : keySerde.Serialize(topic, key), value is null ? null : valueSerde.Serialize(topic, value), timestampMs ?? NowMs, headers);
        kernel.Pump();
    }

    /// <summary>Waits until nothing is in flight, then commits.</summary>
    /// <exception cref="TimeoutException">An asynchronous step does not end (it may wait for virtual time: Enqueue, then Advance).</exception>
    /// <exception cref="FatalStepException">A step failed fatally.</exception>
    public void Settle()
    {
        while (true)
        {
            kernel.Pump();
            ThrowIfFatal();
            if (kernel.InFlight == 0)
            {
                if (!Commit()) return;
                continue;
            }
            if (kernel.HasCompletions) continue;
            if (kernel.NextDueMs(withTimers: false) is { } due)
            {
                Time.Advance(TimeSpan.FromMilliseconds(Math.Max(0, due - kernel.MonotonicMs)));
                continue;
            }
            if (!kernel.WaitForCompletion(SettleTimeout)) throw new TimeoutException($"{kernel.InFlight} records are still in flight after {SettleTimeout}");
        }
    }

    /// <summary>Processes what is due and what has ended, and commits what is finished, without waiting.</summary>
    public void Pump()
    {
        kernel.Pump();
        ThrowIfFatal();
        Commit();
    }

    /// <summary>Waits for one asynchronous step to end and handles it.</summary>
    public void PumpNext()
    {
        if (!kernel.WaitForCompletion(SettleTimeout)) throw new TimeoutException("no asynchronous step ended");
        Pump();
    }

    /// <summary>Moves virtual time, firing timers on the way, and settles.</summary>
    public void Advance(TimeSpan by)
    {
        var target = kernel.MonotonicMs + (long)by.TotalMilliseconds;
        while (kernel.NextDueMs() is { } due && due <= target)
        {
            Time.Advance(TimeSpan.FromMilliseconds(Math.Max(0, due - kernel.MonotonicMs)));
            kernel.Pump();
            while (Commit()) kernel.Pump(); // what it leads to may be due before the target, too
            if (kernel.NextDueMs() is { } next && next <= kernel.MonotonicMs) break; // held by something in flight
        }
        Time.Advance(TimeSpan.FromMilliseconds(Math.Max(0, target - kernel.MonotonicMs)));
        Settle();
    }

    /// <summary>The committed records of a topic that were not read before.</summary>
    public IReadOnlyList<TestRecord<K, V>> Read<K, V>(string topic, ISerde<K> keySerde, ISerde<V> valueSerde)
    {
        if (!log.TryGetValue(topic, out var records)) return [];
        var from = read.GetValueOrDefault(topic);
        read[topic] = records.Count;
        return [.. records.Skip(from).Select(r => new TestRecord<K, V>(
            r.Key is null ? default : keySerde.Deserialize(topic, r.Key), r.Value is null ? default : valueSerde.Deserialize(topic, r.Value), r.TimestampMs, r.Headers))];
    }

    /// <summary>The dead letters of an input topic that were not read before; headers tell cause and position.</summary>
    public IReadOnlyList<TestRecord<byte[], byte[]>> ReadDeadLetters(string inputTopic) =>
        Read(Topology.DeadLetterTopicOf(inputTopic), Serdes.Bytes, Serdes.Bytes);

    /// <summary>A key's entry in a store, as the next record would see it; default if absent.</summary>
    public TState? State<TState>(string store, string key, ISerde<TState> serde, string sub = "")
    {
        foreach (var task in kernel.Tasks)
            if (task.StoreOf(store) is { } found)
                return found.Find(key, sub) is { } entry ? serde.Deserialize(found.ChangelogTopic, entry.Bytes!) : default;
        throw new StreamsConfigurationException($"the topology has no store '{store}'; it has: {string.Join(", ", topology.Stores)}");
    }

    /// <summary>Drops everything in memory and restores from changelogs, progress and tables, as after a crash: what was unfinished runs again.</summary>
    public void Restart()
    {
        kernel.Cancel();
        kernel.ReleaseAll();
        kernel = Start();
        kernel.Pump();
    }

    public void Dispose() => kernel.Cancel();

    private Kernel Start()
    {
        var started = new Kernel(topology, options, Time, ThreadScheduling.Instance, logger);
        foreach (var topic in topology.InputTopics.Concat(topology.OutputTopics)) started.PartitionCounts[topic] = 1;
        foreach (var sub in topology.Subs)
        {
            var task = new StreamTask(started, sub, 0);
            started.Add(task);
            foreach (var node in sub.KeyedNodes)
            {
                var store = task.StoreOf(node.StoreName)!;
                foreach (var record in Topic(store.ChangelogTopic)) TaskRestore.Store(store, record);
            }
            var progress = new Dictionary<string, Progress.Restored>();
            foreach (var record in Topic(started.ProgressTopic)) TaskRestore.Progress(progress, record);
            foreach (var input in task.Inputs)
            {
                if (input.Source is ITableRestorer table)
                {
                    foreach (var record in Topic(input.Source.Topic)) TaskRestore.Table(task, table, record);
                    if (input.Source.IsPassive) input.Tracker = new OffsetTracker(Topic(input.Source.Topic).Count);
                }
                if (!input.Source.IsPassive && progress.TryGetValue(input.Id.Topic, out var restored)) restored.ApplyTo(input);
                input.AtEnd = true;
            }
            task.Start();
        }
        foreach (var task in started.Tasks)
            foreach (var input in task.Inputs)
                foreach (var record in Topic(input.Source.Topic).Skip((int)input.Tracker.Base).ToList())
                {
                    task.Deliver(input, record);
                    input.AtEnd = true;
                }
        return started;
    }

    private List<ConsumedRecord> Topic(string topic) => log.TryGetValue(topic, out var records) ? records : log[topic] = [];

    private void Append(string topic, byte[]? key, byte[]? value, long timestampMs, RecordHeaders? headers)
    {
        var records = Topic(topic);
        var record = new ConsumedRecord(topic, 0, records.Count, timestampMs, key, value, headers ?? RecordHeaders.Empty);
        records.Add(record);
        foreach (var task in kernel.Tasks)
            foreach (var input in task.Inputs)
                if (input.Source.Topic == topic)
                {
                    task.Deliver(input, record);
                    input.AtEnd = true;
                    return;
                }
        if (!topology.OutputTopics.Contains(topic) && !topic.EndsWith("-changelog", StringComparison.Ordinal) && !topic.EndsWith("-progress", StringComparison.Ordinal)
            && !topic.EndsWith(".dlq", StringComparison.Ordinal))
            throw new StreamsConfigurationException($"topic {topic} is no input of the topology; inputs are: {string.Join(", ", topology.InputTopics)}");
    }

    private bool Commit()
    {
        var any = false;
        foreach (var task in kernel.Tasks.ToList())
        {
            if (task.Seal() is not { } batch) continue;
            any = true;
            for (var i = 0; i < batch.Records.Count; i++)
            {
                var record = batch.Records[i];
                Append(record.Topic, record.KeyBytes(), record.ValueBytes(), record.TimestampMs < 0 ? NowMs : record.TimestampMs, record.Headers);
            }
            task.Recycle(batch.Batch);
        }
        return any;
    }

    private void ThrowIfFatal()
    {
        if (kernel.FatalError is { } fatal) throw fatal;
    }
}
