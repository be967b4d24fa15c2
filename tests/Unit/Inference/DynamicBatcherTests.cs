using StreamPlatform.Inference.Batching;

namespace StreamPlatform.Tests.Unit.Inference;

public sealed class DynamicBatcherTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Never = TimeSpan.FromHours(1);

    [Fact]
    public async Task A_full_batch_runs_without_waiting()
    {
        var runner = new Runner();
        await using var batcher = runner.Batcher(maxBatchSize: 3, Never);
        var results = await Task.WhenAll(Enumerable.Range(0, 3).Select(i => batcher.RunAsync(i, default))).WaitAsync(Patience);
        Assert.Equal([0, 10, 20], results);
        Assert.Equal([3], runner.Sizes);
    }

    [Fact]
    public async Task A_lone_request_runs_when_the_linger_has_passed()
    {
        var runner = new Runner();
        var time = new HandFiredTime();
        await using var batcher = runner.Batcher(maxBatchSize: 3, TimeSpan.FromMilliseconds(4), time);
        var result = batcher.RunAsync(7, default);
        var (due, fire) = await time.Armed.Task.WaitAsync(Patience);
        Assert.Equal(TimeSpan.FromMilliseconds(4), due);
        Assert.False(result.IsCompleted);
        fire();
        Assert.Equal(70, await result.WaitAsync(Patience));
    }

    [Fact]
    public async Task A_request_cancelled_while_waiting_never_runs()
    {
        var runner = new Runner { Gate = new ManualResetEventSlim(false) };
        await using var batcher = runner.Batcher(maxBatchSize: 1, TimeSpan.Zero);
        var running = batcher.RunAsync(1, default);
        await runner.Started.Task.WaitAsync(Patience);
        using var cancel = new CancellationTokenSource();
        var waiting = batcher.RunAsync(2, cancel.Token);
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting).WaitAsync(Patience);
        runner.Gate.Set();
        Assert.Equal(10, await running.WaitAsync(Patience));
        Assert.Equal(30, await batcher.RunAsync(3, default).WaitAsync(Patience));
        Assert.DoesNotContain(2, runner.Seen);
    }

    [Fact]
    public async Task A_request_cancelled_while_running_completes_with_its_batch()
    {
        var runner = new Runner { Gate = new ManualResetEventSlim(false) };
        await using var batcher = runner.Batcher(maxBatchSize: 1, TimeSpan.Zero);
        using var cancel = new CancellationTokenSource();
        var running = batcher.RunAsync(1, cancel.Token);
        await runner.Started.Task.WaitAsync(Patience);
        await cancel.CancelAsync();
        Assert.False(running.IsCompleted);
        runner.Gate.Set();
        Assert.Equal(10, await running.WaitAsync(Patience));
    }

    [Fact]
    public async Task What_a_batch_throws_reaches_every_caller_and_the_next_batch_runs()
    {
        var runner = new Runner();
        await using var batcher = runner.Batcher(maxBatchSize: 2, Never);
        Task<int>[] both = [batcher.RunAsync(-1, default), batcher.RunAsync(5, default)];
        foreach (var failed in both)
            await Assert.ThrowsAsync<ArithmeticException>(() => failed).WaitAsync(Patience);
        var next = await Task.WhenAll(batcher.RunAsync(6, default), batcher.RunAsync(7, default)).WaitAsync(Patience);
        Assert.Equal([60, 70], next);
    }

    [Fact]
    public async Task Disposal_finishes_the_running_batch_and_fails_the_rest()
    {
        var runner = new Runner { Gate = new ManualResetEventSlim(false) };
        var batcher = runner.Batcher(maxBatchSize: 1, TimeSpan.Zero);
        var running = batcher.RunAsync(1, default);
        await runner.Started.Task.WaitAsync(Patience);
        var waiting = batcher.RunAsync(2, default);
        var disposal = batcher.DisposeAsync();
        runner.Gate.Set();
        await disposal.AsTask().WaitAsync(Patience);
        Assert.Equal(10, await running);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => waiting);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => batcher.RunAsync(3, default));
    }

    /// <summary>Multiplies by ten; negative numbers fail; waits at the gate when there is one.</summary>
    private sealed class Runner
    {
        public List<int> Sizes { get; } = [];

        public List<int> Seen { get; } = [];

        public ManualResetEventSlim? Gate { get; init; }

        public TaskCompletionSource Started { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public DynamicBatcher<int, int> Batcher(int maxBatchSize, TimeSpan linger, TimeProvider? time = null) =>
            new(Run, maxBatchSize, linger, queueCapacity: 16, time ?? TimeProvider.System);

        private int[] Run(IReadOnlyList<int> batch)
        {
            Started.TrySetResult();
            Gate?.Wait(Patience);
            Sizes.Add(batch.Count);
            Seen.AddRange(batch);
            return batch.Any(value => value < 0) ? throw new ArithmeticException("negative") : [.. batch.Select(value => value * 10)];
        }
    }

    /// <summary>Time that stands still until the test fires the timer that the code under test has armed.</summary>
    private sealed class HandFiredTime : TimeProvider
    {
        public TaskCompletionSource<(TimeSpan Due, Action Fire)> Armed { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            Armed.TrySetResult((dueTime, () => callback(state)));
            return new Unfired();
        }

        private sealed class Unfired : ITimer
        {
            public bool Change(TimeSpan dueTime, TimeSpan period) => true;

            public void Dispose()
            {
            }

            public ValueTask DisposeAsync() => ValueTask.CompletedTask;
        }
    }
}
