using System.Threading.Channels;

namespace StreamPlatform.Broker.Storage;

/// <summary>
/// Group commit: a few threads fsync the partitions that have unflushed appends; appends that arrive while a partition is being flushed share its next
/// flush. A partition is queued at most once, so the queue is bounded by the number of partitions.
/// </summary>
internal sealed class Flusher : IAsyncDisposable
{
    // fsyncs of different files share the file system's journal commits: more threads than cores pay.
    private const int Threads = 4;

    private readonly Channel<PartitionLog> _queue = Channel.CreateUnbounded<PartitionLog>();
    private readonly Task[] _threads;

    public Flusher() => _threads = [.. Enumerable.Range(0, Threads).Select(_ => Task.Factory.StartNew(
        Run, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default))];

    public void Enqueue(PartitionLog log)
    {
        if (!_queue.Writer.TryWrite(log))
        {
            // Stopping: the last appends are flushed by whoever made them.
            ThreadPool.UnsafeQueueUserWorkItem(late => late.Flush(), log, preferLocal: false);
        }
    }

    public async ValueTask DisposeAsync()
    {
        _queue.Writer.TryComplete();
        await Task.WhenAll(_threads).ConfigureAwait(false);
    }

    private void Run()
    {
        var reader = _queue.Reader;
        while (reader.WaitToReadAsync().AsTask().GetAwaiter().GetResult())
        {
            while (reader.TryRead(out var log))
            {
                log.Flush();
            }
        }
    }
}
