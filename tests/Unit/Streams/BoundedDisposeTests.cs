using StreamPlatform.Streams;

namespace StreamPlatform.Tests.Unit.Streams;

/// <summary>A client whose destruction hangs costs its own memory, not its instance.</summary>
public sealed class BoundedDisposeTests
{
    [Fact]
    public void A_client_that_never_returns_is_left_behind()
    {
        using var never = new ManualResetEventSlim();
        Assert.False(BoundedDispose.Run(never.Wait, TimeSpan.FromMilliseconds(20)));
        never.Set();
    }

    [Fact]
    public void A_client_that_returns_is_waited_for()
    {
        var disposed = false;
        Assert.True(BoundedDispose.Run(() => disposed = true, TimeSpan.FromSeconds(30)));
        Assert.True(disposed);
    }

    [Fact]
    public void A_failure_is_told() =>
        Assert.Contains("no", Assert.Throws<InvalidOperationException>(() => BoundedDispose.Run(() => throw new IOException("no"), TimeSpan.FromSeconds(30))).Message);
}
