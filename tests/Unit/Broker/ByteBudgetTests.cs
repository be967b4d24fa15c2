using StreamPlatform.Broker.Network;

namespace StreamPlatform.Tests.Unit.Broker;

public sealed class ByteBudgetTests
{
    [Fact]
    public async Task Waiters_are_served_in_order_when_bytes_are_released()
    {
        var budget = new ByteBudget(10);
        await budget.AcquireAsync(8);
        var large = budget.AcquireAsync(5);
        var small = budget.AcquireAsync(1);
        Assert.False(large.IsCompleted || small.IsCompleted);
        budget.Release(8);
        await large;
        await small;
    }

    [Fact]
    public async Task A_wait_that_is_given_up_gives_its_bytes_back()
    {
        var budget = new ByteBudget(10);
        await budget.AcquireAsync(10);
        using var cancel = new CancellationTokenSource();
        var waiting = budget.AcquireAsync(10, cancel.Token);
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        budget.Release(10);
        await budget.AcquireAsync(10);
    }
}
