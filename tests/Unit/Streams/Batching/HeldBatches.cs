using System.Collections.Concurrent;
using System.Threading.Channels;
using StreamPlatform.Streams;

namespace StreamPlatform.Tests.Unit.Streams.Batching;

/// <summary>A batch function that multiplies by ten when the test says so; the test takes the batches in the order in which they start.</summary>
internal sealed class HeldBatches : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private readonly Channel<Held> started = Channel.CreateUnbounded<Held>();
    private readonly ConcurrentQueue<Held> all = [];
    private readonly List<DynamicBatcher<int, int>> batchers = [];

    /// <summary>Time stands still until the test advances it.</summary>
    public VirtualTime Time { get; } = new();

    /// <summary>A batcher that is disposed with this.</summary>
    public DynamicBatcher<int, int> Batcher(BatcherOptions options, string name = "test")
    {
        var batcher = new DynamicBatcher<int, int>(name, options, RunAsync, Time);
        batchers.Add(batcher);
        return batcher;
    }

    /// <summary>The next batch that starts.</summary>
    public async Task<Held> NextAsync() => await started.Reader.ReadAsync().AsTask().WaitAsync(Patience);

    /// <summary>No batch has started that the test has not taken.</summary>
    public bool NoneStarted => started.Reader.Count == 0;

    /// <summary>Abandons what a test, perhaps a failed one, has left running.</summary>
    public async ValueTask DisposeAsync()
    {
        Task[] disposals = [.. batchers.Select(batcher => batcher.DisposeAsync().AsTask())];
        started.Writer.Complete();
        foreach (var held in all) held.Abandon();
        await Task.WhenAll(disposals).WaitAsync(Patience);
    }

    private Task<IReadOnlyList<int>> RunAsync(IReadOnlyList<int> requests, CancellationToken cancel)
    {
        var held = new Held(requests, cancel);
        all.Enqueue(held);
        if (!started.Writer.TryWrite(held)) held.Abandon();
        return held.Result;
    }

    internal sealed class Held(IReadOnlyList<int> requests, CancellationToken abandoned)
    {
        private readonly TaskCompletionSource<IReadOnlyList<int>> result = new();

        public IReadOnlyList<int> Requests => requests;
        public CancellationToken Abandoned => abandoned;
        public Task<IReadOnlyList<int>> Result => result.Task;

        public void Finish() => result.SetResult([.. requests.Select(value => value * 10)]);
        public void FinishWith(int[] results) => result.SetResult(results);
        public void Fail(Exception problem) => result.SetException(problem);
        public void Abandon() => result.TrySetCanceled();
    }
}
