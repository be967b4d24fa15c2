using StreamPlatform.Providers;
using StreamPlatform.Tests.Unit.Gateway;

namespace StreamPlatform.Tests.Unit.Providers;

public sealed class PriorityGateTests
{
    private static readonly CancellationToken None = CancellationToken.None;
    private readonly ManualTime time = new();

    [Fact]
    public async Task The_most_urgent_goes_first_and_equals_by_arrival()
    {
        var gate = new PriorityGate(1, 100, time);
        var slot = await EnterAsync(gate, CallPriority.Low);
        (string Name, Task<IDisposable?> Entering)[] waiting =
        [
            ("low", EnterAsync(gate, CallPriority.Low)), ("medium", EnterAsync(gate, CallPriority.Medium)), ("medium 2", EnterAsync(gate, CallPriority.Medium)),
            ("critical", EnterAsync(gate, CallPriority.Critical)), ("high", EnterAsync(gate, CallPriority.High)),
        ];
        List<string> order = [];
        while (order.Count < waiting.Length)
        {
            slot!.Dispose();
            slot = await await Task.WhenAny(waiting.Where(w => !order.Contains(w.Name)).Select(w => w.Entering));
            order.Add(waiting.Single(w => !order.Contains(w.Name) && w.Entering.IsCompleted).Name);
        }

        Assert.Equal(["critical", "high", "medium", "medium 2", "low"], order);
    }

    [Theory]
    [InlineData(CallPriority.Critical, 100)]
    [InlineData(CallPriority.High, 500)]
    [InlineData(CallPriority.Medium, 5_000)]
    [InlineData(CallPriority.Low, 30_000)]
    public async Task Waits_as_long_as_its_priority_allows(CallPriority priority, int ms)
    {
        var gate = new PriorityGate(1, 100, time);
        using var slot = await EnterAsync(gate, CallPriority.Low);
        var entering = EnterAsync(gate, priority);
        time.Advance(TimeSpan.FromMilliseconds(ms - 1));
        Assert.False(entering.IsCompleted);
        time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Null(await entering);
        Assert.Equal(0, gate.Waiting);
    }

    [Fact]
    public async Task When_too_many_wait_the_least_urgent_and_latest_gives_way()
    {
        var gate = new PriorityGate(1, 2, time);
        var slot = await EnterAsync(gate, CallPriority.Low);
        var first = EnterAsync(gate, CallPriority.Low);
        var second = EnterAsync(gate, CallPriority.Low);
        Assert.Null(await EnterAsync(gate, CallPriority.Low));
        var critical = EnterAsync(gate, CallPriority.Critical);
        Assert.Null(await second);
        slot!.Dispose();
        Assert.NotNull(await critical);
        Assert.False(first.IsCompleted);
    }

    [Fact]
    public async Task Whoever_gives_up_leaves_no_slot_behind()
    {
        var gate = new PriorityGate(1, 10, time);
        var slot = await EnterAsync(gate, CallPriority.Low);
        using var cancel = new CancellationTokenSource();
        var entering = gate.EnterAsync(CallPriority.Low, TimeSpan.FromSeconds(30), cancel.Token).AsTask();
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => entering);
        slot!.Dispose();
        Assert.Equal((0, 0), (gate.Running, gate.Waiting));
        Assert.NotNull(await EnterAsync(gate, CallPriority.Low));
    }

    [Fact]
    public async Task Never_more_at_once_than_there_are_slots()
    {
        var gate = new PriorityGate(3, 1000, TimeProvider.System);
        int running = 0, most = 0;
        await Task.WhenAll(Enumerable.Range(0, 200).Select(i => Task.Run(async () =>
        {
            using var slot = await gate.EnterAsync((CallPriority)(i % 4), TimeSpan.FromSeconds(30), None);
            var now = Interlocked.Increment(ref running);
            InterlockedMax(ref most, now);
            await Task.Yield();
            Interlocked.Decrement(ref running);
        })));
        Assert.InRange(most, 1, 3);
        Assert.Equal(0, gate.Running);
    }

    private static Task<IDisposable?> EnterAsync(PriorityGate gate, CallPriority priority) =>
        gate.EnterAsync(priority, PriorityGate.LongestWait(priority), None).AsTask();

    private static void InterlockedMax(ref int most, int value)
    {
        for (var seen = Volatile.Read(ref most); value > seen; seen = Volatile.Read(ref most))
        {
            Interlocked.CompareExchange(ref most, value, seen);
        }
    }
}
