using StreamPlatform.Streams;

namespace StreamPlatform.Tests.Unit.Streams.Batching;

/// <summary>Gathering, failing, cancelling and disposing. Who goes first: BatchPriorityTests.</summary>
public sealed class DynamicBatcherTests : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private readonly HeldBatches batches = new();

    public ValueTask DisposeAsync() => batches.DisposeAsync();

    private static async Task AssertResultsAsync(int[] expected, Task<int>[] calls) => Assert.Equal(expected, await Task.WhenAll(calls).WaitAsync(Patience));

    [Fact]
    public async Task A_full_batch_runs_without_waiting()
    {
        var batcher = batches.Batcher(new() { MaxBatchSize = 3, LingerMs = 1_000 });
        var results = Enumerable.Range(0, 3).Select(i => batcher.RunAsync(i, BatchPriority.Medium, default)).ToArray();
        var batch = await batches.NextAsync();
        Assert.Equal([0, 1, 2], batch.Requests);
        batch.Finish();
        await AssertResultsAsync([0, 10, 20], results);
    }

    [Fact]
    public async Task A_lone_request_runs_when_the_linger_has_passed()
    {
        var batcher = batches.Batcher(new() { MaxBatchSize = 3, LingerMs = 4 });
        var result = batcher.RunAsync(7, BatchPriority.Low, default);
        batches.Time.Advance(TimeSpan.FromMilliseconds(3));
        Assert.Equal(1, batcher.Queued(BatchPriority.Low));
        batches.Time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal(0, batcher.Queued(BatchPriority.Low));
        (await batches.NextAsync()).Finish();
        Assert.Equal(70, await result.WaitAsync(Patience));
    }

    [Fact]
    public async Task The_linger_counts_from_the_first_arrival_and_what_came_meanwhile_goes_along()
    {
        var batcher = batches.Batcher(new() { MaxBatchSize = 3, LingerMs = 4 });
        _ = batcher.RunAsync(1, BatchPriority.Low, default);
        batches.Time.Advance(TimeSpan.FromMilliseconds(3));
        _ = batcher.RunAsync(2, BatchPriority.Low, default);
        batches.Time.Advance(TimeSpan.FromMilliseconds(1));
        var batch = await batches.NextAsync();
        Assert.Equal([1, 2], batch.Requests);
        batch.Finish();
    }

    [Fact]
    public async Task A_synchronous_function_runs_elsewhere_and_never_twice_at_once()
    {
        var running = 0;
        var most = 0;
        await using var batcher = new DynamicBatcher<int, int>("test", new() { MaxBatchSize = 2, LingerMs = 0 }, requests =>
        {
            most = Math.Max(most, Interlocked.Increment(ref running));
            Assert.True(Thread.CurrentThread.IsThreadPoolThread);
            int[] results = [.. requests.Select(value => value + 1)];
            Interlocked.Decrement(ref running);
            return results;
        });
        var results = await Task.WhenAll(Enumerable.Range(0, 100).Select(i => batcher.RunAsync(i, BatchPriority.High, default))).WaitAsync(Patience);
        Assert.Equal(Enumerable.Range(1, 100), results);
        Assert.Equal(1, most);
    }

    [Fact]
    public async Task Several_batches_run_at_once_where_that_is_allowed()
    {
        var batcher = batches.Batcher(new() { MaxBatchSize = 1, MaxConcurrentBatches = 2 });
        Task<int>[] results = [.. Enumerable.Range(1, 3).Select(i => batcher.RunAsync(i, BatchPriority.High, default))];
        HeldBatches.Held[] both = [await batches.NextAsync(), await batches.NextAsync()];
        Assert.Equal(1, batcher.Queued(BatchPriority.High));
        both.Single(batch => batch.Requests[0] == 2).Finish();
        Assert.Equal(20, await results[1].WaitAsync(Patience));
        (await batches.NextAsync()).Finish();
        Assert.Equal(30, await results[2].WaitAsync(Patience));
        both.Single(batch => batch.Requests[0] == 1).Finish();
    }

    [Fact]
    public async Task A_request_cancelled_while_waiting_leaves_the_queue_at_once_and_never_runs()
    {
        var batcher = batches.Batcher(new() { MaxBatchSize = 1 });
        var running = batcher.RunAsync(1, BatchPriority.High, default);
        var batch = await batches.NextAsync();
        using var cancel = new CancellationTokenSource();
        var waiting = batcher.RunAsync(2, BatchPriority.High, cancel.Token);
        Assert.Equal(1, batcher.Queued(BatchPriority.High));
        await cancel.CancelAsync();
        Assert.Equal(0, batcher.Queued(BatchPriority.High));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting).WaitAsync(Patience);
        batch.Finish();
        Assert.Equal(10, await running.WaitAsync(Patience));
        var last = batcher.RunAsync(3, BatchPriority.High, default);
        batch = await batches.NextAsync();
        Assert.Equal([3], batch.Requests);
        batch.Finish();
        Assert.Equal(30, await last.WaitAsync(Patience));
    }

    [Fact]
    public async Task A_request_cancelled_before_it_arrives_is_not_added()
    {
        var batcher = batches.Batcher(new() { MaxBatchSize = 2, LingerMs = 1_000 });
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => batcher.RunAsync(1, BatchPriority.High, new CancellationToken(true)));
        Assert.Equal(0, batcher.Queued(BatchPriority.High));
    }

    [Fact]
    public async Task A_request_cancelled_while_running_completes_with_its_batch()
    {
        var batcher = batches.Batcher(new() { MaxBatchSize = 2, LingerMs = 1_000 });
        using var cancel = new CancellationTokenSource();
        Task<int>[] both = [batcher.RunAsync(1, BatchPriority.High, cancel.Token), batcher.RunAsync(2, BatchPriority.High, default)];
        var batch = await batches.NextAsync();
        await cancel.CancelAsync();
        Assert.False(both[0].IsCompleted);
        Assert.False(batch.Abandoned.IsCancellationRequested);
        batch.Finish();
        await AssertResultsAsync([10, 20], both);
    }

    [Fact]
    public async Task The_functions_token_is_cancelled_when_no_caller_waits_any_more()
    {
        var batcher = batches.Batcher(new() { MaxBatchSize = 2, LingerMs = 1_000 });
        using var cancel = new CancellationTokenSource();
        Task<int>[] both = [batcher.RunAsync(1, BatchPriority.High, cancel.Token), batcher.RunAsync(2, BatchPriority.High, cancel.Token)];
        var batch = await batches.NextAsync();
        await cancel.CancelAsync();
        Assert.True(batch.Abandoned.IsCancellationRequested);
        batch.Fail(new OperationCanceledException(batch.Abandoned));
        foreach (var caller in both) await Assert.ThrowsAnyAsync<OperationCanceledException>(() => caller).WaitAsync(Patience);
    }

    [Fact]
    public async Task What_a_batch_throws_reaches_every_caller_and_the_next_batch_runs()
    {
        var batcher = batches.Batcher(new() { MaxBatchSize = 2, LingerMs = 1_000 });
        Task<int>[] both = [batcher.RunAsync(1, BatchPriority.High, default), batcher.RunAsync(2, BatchPriority.High, default)];
        (await batches.NextAsync()).Fail(new ArithmeticException());
        foreach (var failed in both) await Assert.ThrowsAsync<ArithmeticException>(() => failed).WaitAsync(Patience);
        Task<int>[] next = [batcher.RunAsync(6, BatchPriority.High, default), batcher.RunAsync(7, BatchPriority.High, default)];
        (await batches.NextAsync()).Finish();
        await AssertResultsAsync([60, 70], next);
    }

    [Fact]
    public async Task A_wrong_number_of_results_is_an_error_for_every_caller()
    {
        var batcher = batches.Batcher(new() { MaxBatchSize = 2, LingerMs = 1_000 });
        Task<int>[] both = [batcher.RunAsync(1, BatchPriority.High, default), batcher.RunAsync(2, BatchPriority.High, default)];
        (await batches.NextAsync()).FinishWith([10]);
        foreach (var failed in both)
            Assert.Equal("a batch of 2 gave 1 results", (await Assert.ThrowsAsync<InvalidOperationException>(() => failed).WaitAsync(Patience)).Message);
    }

    [Fact]
    public async Task Disposal_finishes_the_running_batch_and_fails_the_rest()
    {
        var batcher = batches.Batcher(new() { MaxBatchSize = 1 });
        var running = batcher.RunAsync(1, BatchPriority.High, default);
        var batch = await batches.NextAsync();
        var waiting = batcher.RunAsync(2, BatchPriority.Critical, default);
        var disposal = batcher.DisposeAsync().AsTask();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => waiting).WaitAsync(Patience);
        Assert.False(disposal.IsCompleted);
        batch.Finish();
        await disposal.WaitAsync(Patience);
        Assert.Equal(10, await running);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => batcher.RunAsync(3, BatchPriority.High, default));
        await batcher.DisposeAsync();
    }

    [Theory]
    [InlineData(nameof(BatcherOptions.MaxBatchSize), 0)]
    [InlineData(nameof(BatcherOptions.MaxBatchSize), 10_001)]
    [InlineData(nameof(BatcherOptions.LingerMs), -1)]
    [InlineData(nameof(BatcherOptions.CriticalLingerMs), 101)]
    [InlineData(nameof(BatcherOptions.MaxQueued), 31)]
    [InlineData(nameof(BatcherOptions.MaxConcurrentBatches), 0)]
    [InlineData(nameof(BatcherOptions.ReservedForCritical), 1)]
    [InlineData(nameof(BatcherOptions.CriticalMaxWaitMs), 0)]
    [InlineData(nameof(BatcherOptions.HighMaxWaitMs), 99)]
    [InlineData(nameof(BatcherOptions.MediumMaxWaitMs), 499)]
    [InlineData(nameof(BatcherOptions.LowMaxWaitMs), 4_999)]
    public void An_option_out_of_range_is_refused_by_name(string key, int value)
    {
        var options = new BatcherOptions();
        options.Validate();
        typeof(BatcherOptions).GetProperty(key)!.SetValue(options, value);
        Assert.StartsWith($"{key} is {value}; accepted range is", Assert.Throws<StreamsConfigurationException>(() => batches.Batcher(options)).Message);
    }
}
