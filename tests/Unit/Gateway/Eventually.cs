namespace StreamPlatform.Tests.Unit.Gateway;

/// <summary>Waits for something that happens on another thread, at most a minute, which only a busy machine needs.</summary>
internal static class Eventually
{
    public static async Task TrueAsync(Func<bool> condition, string what)
    {
        using var timeout = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (!condition())
        {
            Assert.False(timeout.IsCancellationRequested, $"Never became true: {what}");
            await Task.Delay(5);
        }
    }
}
