namespace StreamPlatform.Streams;

/// <summary>Collects the records of one sink step of an instance; one write at a time, in offset order per partition.</summary>
internal sealed class SinkWriter<K, V>(
    Kernel kernel, string name, SinkOptions options, Func<IReadOnlyList<SinkRecord<K, V>>, CancellationToken, Task> write) : ISinkWriter
{
    private readonly List<Entry> waiting = []; // bounded by the instance's in-flight bound
    private readonly Queue<List<Entry>> retryAlone = new();
    private long firstMs;
    private long sequence;
    private bool writing;

    private readonly record struct Entry(SinkRecord<K, V> Record, int Generation, long Sequence)
    {
        public bool Alive => !Record.Context.Item.Task.Released && Record.Context.Item.Generation == Generation;
    }

    public long? NextMs => writing ? null
        : retryAlone.Count > 0 || waiting.Count >= options.MaxRecords ? kernel.MonotonicMs
        : waiting.Count > 0 ? firstMs + options.LingerMs : null;

    public void Add(SinkRecord<K, V> record)
    {
        if (waiting.Count == 0) firstMs = kernel.MonotonicMs;
        waiting.Add(new Entry(record, record.Context.Item.Generation, sequence++));
    }

    public void Pump(long nowMs)
    {
        while (!writing && NextMs is { } due && due <= nowMs)
        {
            List<Entry> batch;
            if (!retryAlone.TryDequeue(out batch!))
            {
                var count = Math.Min(options.MaxRecords, waiting.Count);
                waiting.Sort(static (a, b) => Order(a.Record, b.Record) is var order && order != 0 ? order : a.Sequence.CompareTo(b.Sequence));
                batch = waiting.GetRange(0, count);
                waiting.RemoveRange(0, count);
                firstMs = nowMs;
            }
            batch.RemoveAll(e => !e.Alive);
            if (batch.Count == 0) continue;
            writing = true;
            new Write(this, batch).Start();
        }
    }

    private static int Order(SinkRecord<K, V> a, SinkRecord<K, V> b)
    {
        var byTopic = string.CompareOrdinal(a.Topic, b.Topic);
        if (byTopic != 0) return byTopic;
        var byPartition = a.Partition.CompareTo(b.Partition);
        return byPartition != 0 ? byPartition : a.Offset.CompareTo(b.Offset);
    }

    private sealed class Write(SinkWriter<K, V> writer, List<Entry> batch) : ICompletion
    {
        private readonly SinkRecord<K, V>[] records = [.. batch.Select(e => e.Record)];
        private Exception? error;
        private int attempts;

        public void Start()
        {
            attempts++;
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
                writer.writing = false;
                foreach (var entry in batch)
                    if (entry.Alive) entry.Record.Context.Item.SinkDone();
                return;
            }
            if (kernel.Stopping.IsCancellationRequested) { writer.writing = false; return; }
            var errorClass = kernel.Classify(error);
            var defer = batch.TrueForAll(e => e.Record.Context.Item.Defers(errorClass));
            if (!defer && errorClass is ErrorClass.Transient or ErrorClass.Deferred && attempts < (writer.Options.MaxAttempts ?? int.MaxValue))
            {
                kernel.Retrying(writer.Name, attempts, error);
                kernel.Schedule(kernel.BackoffMs(attempts), Start);
                return;
            }
            writer.writing = false;
            if (batch.Count > 1 && errorClass != ErrorClass.Fatal)
            {
                foreach (var entry in batch) writer.retryAlone.Enqueue([entry]); // find the one that fails
                return;
            }
            foreach (var entry in batch)
                if (entry.Alive) entry.Record.Context.Item.SinkFailed(writer.Name, error, errorClass, attempts);
        }
    }

    private Kernel Kernel => kernel;
    private string Name => name;
    private SinkOptions Options => options;
    private Func<IReadOnlyList<SinkRecord<K, V>>, CancellationToken, Task> WriteFunction => write;
}
