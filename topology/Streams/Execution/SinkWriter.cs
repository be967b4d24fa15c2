namespace StreamPlatform.Streams;

/// <summary>Collects the records of one sink step of an instance and writes them in batches: in offset order per partition, a partition in one write at a time.</summary>
internal sealed class SinkWriter<K, V>(
    Kernel kernel, string name, SinkOptions options, Func<IReadOnlyList<SinkRecord<K, V>>, CancellationToken, Task> write) : ISinkWriter
{
    // In order of topic and partition, so that a batch holds few partitions and another one can be under way.
    private readonly SortedList<(string Topic, int Partition), Lane> lanes = new(Comparer<(string Topic, int Partition)>.Create(static (a, b) =>
        string.CompareOrdinal(a.Topic, b.Topic) is var byTopic && byTopic != 0 ? byTopic : a.Partition.CompareTo(b.Partition)));
    private long sequence;
    private int writes;

    private readonly record struct Entry(SinkRecord<K, V> Record, int Generation, long Sequence)
    {
        public bool Alive => !Record.Context.Item.Task.Released && Record.Context.Item.Generation == Generation;
    }

    /// <summary>What waits of one partition.</summary>
    private sealed class Lane
    {
        public readonly List<Entry> Waiting = []; // bounded by the instance's in-flight bound
        public long FirstMs;
        public bool Unordered;
        public bool Writing;

        public void Order()
        {
            if (!Unordered) return;
            Waiting.Sort(static (a, b) => a.Record.Offset.CompareTo(b.Record.Offset) is var byOffset && byOffset != 0 ? byOffset : a.Sequence.CompareTo(b.Sequence));
            Unordered = false;
        }
    }

    public long? NextMs
    {
        get
        {
            if (writes >= options.MaxConcurrentWrites) return null;
            long? first = null;
            var ready = 0;
            foreach (var lane in lanes.Values)
            {
                if (lane.Writing || lane.Waiting.Count == 0) continue;
                ready += lane.Waiting.Count;
                if (first is null || lane.FirstMs < first) first = lane.FirstMs;
            }
            return ready >= options.MaxRecords ? kernel.MonotonicMs : first + options.LingerMs;
        }
    }

    public void Add(SinkRecord<K, V> record)
    {
        if (!lanes.TryGetValue((record.Topic, record.Partition), out var lane)) lanes.Add((record.Topic, record.Partition), lane = new Lane());
        if (lane.Waiting.Count == 0) lane.FirstMs = kernel.MonotonicMs;
        else lane.Unordered |= lane.Waiting[^1].Record.Offset > record.Offset;
        lane.Waiting.Add(new Entry(record, record.Context.Item.Generation, sequence++));
    }

    public void Pump(long nowMs)
    {
        while (NextMs is { } due && due <= nowMs)
        {
            var (batch, taken) = Take(nowMs);
            if (batch.Count > 0) new Write(this, batch, taken).Start();
        }
    }

    private (List<Entry> Batch, List<Lane> Lanes) Take(long nowMs)
    {
        var batch = new List<Entry>();
        var taken = new List<Lane>();
        foreach (var lane in lanes.Values)
        {
            if (lane.Writing || lane.Waiting.Count == 0) continue;
            lane.Order();
            var count = Math.Min(options.MaxRecords - batch.Count, lane.Waiting.Count);
            var before = batch.Count;
            for (var i = 0; i < count; i++)
                if (lane.Waiting[i].Alive) batch.Add(lane.Waiting[i]);
            lane.Waiting.RemoveRange(0, count);
            lane.FirstMs = nowMs;
            if (batch.Count > before) taken.Add(lane);
            if (batch.Count >= options.MaxRecords) break;
        }
        return (batch, taken);
    }

    private sealed class Write : ICompletion
    {
        private readonly SinkWriter<K, V> writer;
        private readonly List<Lane> lanes;
        private readonly Stack<List<Entry>> parts = new();
        private List<Entry> part;
        private SinkRecord<K, V>[] records = [];
        private Exception? error;
        private int attempts;

        public Write(SinkWriter<K, V> writer, List<Entry> batch, List<Lane> lanes)
        {
            (this.writer, this.lanes, part) = (writer, lanes, batch);
            writer.writes++;
            foreach (var lane in lanes) lane.Writing = true;
        }

        public void Start()
        {
            if (attempts++ == 0) records = [.. part.Select(e => e.Record)];
            error = null;
            writer.Kernel.Scheduling.RunAsync(Run);
        }

        private async Task Run()
        {
            var kernel = writer.Kernel;
            try
            {
                await using var limit = new CallLimit(kernel, writer.Options.TimeoutMs);
                try { await writer.WriteFunction(records, limit.Token).ConfigureAwait(false); }
                catch (OperationCanceledException e) when (limit.TimedOut)
                {
                    throw new TimeoutException($"sink '{writer.Name}' took longer than {writer.Options.TimeoutMs} ms", e);
                }
            }
            catch (Exception e)
            {
                error = e; // classified on the owner loop
            }
            kernel.Completed(this);
        }

        public void Complete(Kernel kernel)
        {
            if (error is null)
            {
                foreach (var entry in part)
                    if (entry.Alive) entry.Record.Context.Item.SinkDone();
                Next();
                return;
            }
            if (kernel.Stopping.IsCancellationRequested) { End(); return; }
            var errorClass = kernel.Classify(error);
            var defer = part.TrueForAll(e => e.Record.Context.Item.Defers(errorClass));
            if (!defer && errorClass is ErrorClass.Transient or ErrorClass.Deferred && attempts < (writer.Options.MaxAttempts ?? int.MaxValue))
            {
                kernel.Retrying(writer.Name, attempts, error);
                kernel.Schedule(kernel.BackoffMs(attempts), Start);
                return;
            }
            if (part.Count > 1 && errorClass != ErrorClass.Fatal)
            {
                // halves, to find the one that fails; the later half waits
                parts.Push(part[(part.Count / 2)..]);
                parts.Push(part[..(part.Count / 2)]);
            }
            else
            {
                foreach (var entry in part)
                    if (entry.Alive) entry.Record.Context.Item.SinkFailed(writer.Name, error, errorClass, attempts);
            }
            Next();
        }

        private void Next()
        {
            attempts = 0;
            while (parts.TryPop(out part!))
            {
                part.RemoveAll(e => !e.Alive);
                if (part.Count == 0) continue;
                Start();
                return;
            }
            End();
        }

        private void End()
        {
            writer.writes--;
            foreach (var lane in lanes) lane.Writing = false;
        }
    }

    private Kernel Kernel => kernel;
    private string Name => name;
    private SinkOptions Options => options;
    private Func<IReadOnlyList<SinkRecord<K, V>>, CancellationToken, Task> WriteFunction => write;
}
