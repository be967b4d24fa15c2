using StreamPlatform.Observability;

namespace StreamPlatform.Tests.Unit.Observability;

public sealed class HealthProbeTests
{
    private static readonly HealthProbeOptions Quick = new() { Interval = TimeSpan.FromMilliseconds(100), Timeout = TimeSpan.FromMilliseconds(50) };

    [Fact]
    public async Task It_turns_red_and_says_why_and_green_again()
    {
        var down = false;
        await using var probe = new HealthProbe("postgres", _ => Volatile.Read(ref down) ? throw new IOException("connection refused") : Task.CompletedTask, Quick, TimeProvider.System);
        await UntilAsync(() => probe.Check().Detail.StartsWith("answered in", StringComparison.Ordinal));
        Assert.True(probe.Check().Healthy);
        Assert.False(probe.IsCritical);

        Volatile.Write(ref down, true);
        await UntilAsync(() => !probe.Check().Healthy);
        Assert.Matches("down for [0-9]+ s: connection refused", probe.Check().Detail);

        Volatile.Write(ref down, false);
        await UntilAsync(() => probe.Check().Healthy);
    }

    [Fact]
    public async Task What_does_not_answer_in_time_is_down()
    {
        await using var probe = new HealthProbe("registry", _ => new TaskCompletionSource().Task, Quick, TimeProvider.System); // it does not even listen to cancellation
        await UntilAsync(() => !probe.Check().Healthy);
        Assert.Contains("no answer within", probe.Check().Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void Options_out_of_range_are_refused()
    {
        Assert.Throws<ArgumentException>(() => new HealthProbe("x", _ => Task.CompletedTask, new HealthProbeOptions { Interval = TimeSpan.Zero }, TimeProvider.System));
        Assert.Throws<ArgumentException>(() => new HealthProbe("x", _ => Task.CompletedTask, new HealthProbeOptions { Timeout = TimeSpan.FromHours(1) }, TimeProvider.System));
    }

    private static async Task UntilAsync(Func<bool> condition)
    {
        var deadline = DateTime.UtcNow.AddSeconds(30);
        while (!condition())
        {
            Assert.True(DateTime.UtcNow < deadline, "not within 30 s");
            await Task.Delay(5, TestContext.Current.CancellationToken);
        }
    }
}
