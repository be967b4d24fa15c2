using StreamPlatform.Streams;

namespace StreamPlatform.Tests.Unit.Streams.Batching;

/// <summary>Who goes first, who waits how long, and who is refused.</summary>
public sealed class BatchPriorityTests : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private readonly HeldBatches batches = new();

    public ValueTask DisposeAsync() => batches.DisposeAsync();

    /// <summary>The function is busy, so that what is added waits.</summary>
    private async Task<HeldBatches.Held> OccupyAsync(DynamicBatcher<int, int> batcher)
    {
        _ = batcher.RunAsync(0, BatchPriority.Critical, default);
        return await batches.NextAsync();
    }

    private async Task<int[]> RunNextAsync()
    {
        var batch = await batches.NextAsync();
        batch.Finish();
        return [.. batch.Requests];
    }

    private async Task AssertNextAsync(int[] expected) => Assert.Equal(expected, await RunNextAsync());

    [Theory]
    [InlineData(BatchPriority.Critical, 0)]
    [InlineData(BatchPriority.High, 500)]
    [InlineData(BatchPriority.Medium, 5_000)]
    [InlineData(BatchPriority.Low, 30_000)]
    public async Task However_long_the_linger_a_priority_waits_its_maximum_at_most_and_critical_not_at_all(BatchPriority priority, int atMs)
    {
        var batcher = batches.Batcher(new() { MaxBatchSize = 2, LingerMs = 3_600_000 });
        _ = batcher.RunAsync(1, priority, default);
        if (atMs > 0)
        {
            batches.Time.Advance(TimeSpan.FromMilliseconds(atMs - 1));
            Assert.Equal(1, batcher.Queued(priority));
            batches.Time.Advance(TimeSpan.FromMilliseconds(1));
        }
        Assert.Equal(0, batcher.Queued(priority));
        await AssertNextAsync([1]);
    }

    [Fact]
    public async Task A_critical_request_leaves_at_once_and_takes_along_what_lingers()
    {
        var batcher = batches.Batcher(new() { MaxBatchSize = 8, LingerMs = 1_000 });
        _ = batcher.RunAsync(1, BatchPriority.Low, default);
        _ = batcher.RunAsync(2, BatchPriority.High, default);
        Assert.True(batches.NoneStarted);
        _ = batcher.RunAsync(3, BatchPriority.Critical, default);
        await AssertNextAsync([3, 2, 1]);
    }

    [Fact]
    public async Task A_critical_request_waits_its_own_linger_for_others_when_there_is_one()
    {
        var batcher = batches.Batcher(new() { MaxBatchSize = 8, LingerMs = 1_000, CriticalLingerMs = 20 });
        _ = batcher.RunAsync(1, BatchPriority.Critical, default);
        batches.Time.Advance(TimeSpan.FromMilliseconds(19));
        _ = batcher.RunAsync(2, BatchPriority.Critical, default);
        Assert.Equal(2, batcher.Queued(BatchPriority.Critical));
        batches.Time.Advance(TimeSpan.FromMilliseconds(1));
        await AssertNextAsync([1, 2]);
    }

    [Fact]
    public async Task A_critical_request_goes_into_the_next_batch_whoever_waits()
    {
        var batcher = batches.Batcher(new() { MaxBatchSize = 2, LingerMs = 0 });
        var busy = await OccupyAsync(batcher);
        _ = batcher.RunAsync(1, BatchPriority.Low, default);
        batches.Time.Advance(TimeSpan.FromMinutes(1)); // long past its maximum
        _ = batcher.RunAsync(2, BatchPriority.High, default);
        _ = batcher.RunAsync(3, BatchPriority.Critical, default);
        busy.Finish();
        await AssertNextAsync([3, 1]);
        await AssertNextAsync([2]);
    }

    [Fact]
    public async Task The_others_go_by_deadline_and_within_a_priority_by_arrival()
    {
        var batcher = batches.Batcher(new() { MaxBatchSize = 1 });
        var busy = await OccupyAsync(batcher);
        _ = batcher.RunAsync(1, BatchPriority.Low, default);      // due at 30,000 ms
        _ = batcher.RunAsync(2, BatchPriority.Low, default);      // 30,000
        _ = batcher.RunAsync(3, BatchPriority.Medium, default);   //  5,000
        batches.Time.Advance(TimeSpan.FromSeconds(29));
        _ = batcher.RunAsync(4, BatchPriority.High, default);     // 29,500: overtakes the patient ones
        batches.Time.Advance(TimeSpan.FromSeconds(0.5));
        _ = batcher.RunAsync(5, BatchPriority.High, default);     // 30,000: equal, the more urgent first
        batches.Time.Advance(TimeSpan.FromMilliseconds(1));
        _ = batcher.RunAsync(6, BatchPriority.High, default);     // 30,001: theirs is nearer
        busy.Finish();
        List<int> order = [];
        for (var i = 0; i < 6; i++) order.AddRange(await RunNextAsync());
        Assert.Equal([3, 4, 5, 1, 2, 6], order);
    }

    [Fact]
    public async Task Steady_urgent_work_does_not_starve_a_patient_request()
    {
        var batcher = batches.Batcher(new() { MaxBatchSize = 1 });
        var running = await OccupyAsync(batcher);
        var patient = batcher.RunAsync(-1, BatchPriority.Low, default);
        _ = batcher.RunAsync(1, BatchPriority.High, default);
        var waitedMs = 0;
        for (var i = 2; !running.Requests.Contains(-1); i++)
        {
            _ = batcher.RunAsync(i, BatchPriority.High, default); // there is always an urgent one
            batches.Time.Advance(TimeSpan.FromMilliseconds(100));
            waitedMs += 100;
            running.Finish();
            running = await batches.NextAsync();
        }
        running.Finish();
        Assert.Equal(-10, await patient.WaitAsync(Patience));
        Assert.InRange(waitedMs, 29_000, 30_100);
    }

    [Fact]
    public async Task Over_the_bound_the_newest_of_the_lowest_priority_is_refused()
    {
        var batcher = batches.Batcher(new() { MaxBatchSize = 1, MaxQueued = 3 });
        var busy = await OccupyAsync(batcher);
        var kept = batcher.RunAsync(1, BatchPriority.Low, default);
        var displaced = batcher.RunAsync(2, BatchPriority.Low, default);
        _ = batcher.RunAsync(3, BatchPriority.Medium, default);
        _ = batcher.RunAsync(4, BatchPriority.High, default);
        Assert.Contains("MaxQueued", (await Assert.ThrowsAsync<TransientException>(() => displaced).WaitAsync(Patience)).Message);
        await Assert.ThrowsAsync<TransientException>(() => batcher.RunAsync(5, BatchPriority.Low, default)).WaitAsync(Patience); // itself the least urgent
        Assert.False(kept.IsCompleted);
        busy.Finish();
        await AssertNextAsync([4]);
        await AssertNextAsync([3]);
        await AssertNextAsync([1]);
    }

    [Fact]
    public async Task A_slot_reserved_for_critical_requests_runs_them_beside_a_long_batch_and_nothing_else()
    {
        var batcher = batches.Batcher(new() { MaxBatchSize = 2, LingerMs = 0, MaxConcurrentBatches = 2, ReservedForCritical = 1 });
        _ = batcher.RunAsync(1, BatchPriority.Low, default);
        var busy = await batches.NextAsync();
        _ = batcher.RunAsync(2, BatchPriority.High, default);
        Assert.Equal(1, batcher.Queued(BatchPriority.High));
        var critical = batcher.RunAsync(3, BatchPriority.Critical, default);
        var beside = await batches.NextAsync();
        Assert.Equal([3], beside.Requests);
        busy.Finish();
        await AssertNextAsync([2]); // the slot for all is free again although the reserved one is taken
        beside.Finish();
        Assert.Equal(30, await critical.WaitAsync(Patience));
    }

    [Fact]
    public async Task A_priority_that_is_none_is_refused()
    {
        var batcher = batches.Batcher(new());
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => batcher.RunAsync(1, (BatchPriority)4, default));
    }
}
