namespace StreamPlatform.Streams;

/// <summary>How long one call to the outside may take: its token ends with the time-out or with the instance.</summary>
internal readonly struct CallLimit : IAsyncDisposable
{
    private readonly CancellationTokenSource source;
    private readonly CancellationTokenRegistration stop;
    private readonly CancellationToken stopping;

    public CallLimit(Kernel kernel, int timeoutMs)
    {
        source = new CancellationTokenSource(TimeSpan.FromMilliseconds(timeoutMs), kernel.Time);
        stopping = kernel.Stopping;
        stop = stopping.UnsafeRegister(static source => ((CancellationTokenSource)source!).Cancel(), source);
    }

    public CancellationToken Token => source.Token;
    public bool TimedOut => source.IsCancellationRequested && !stopping.IsCancellationRequested;

    public async ValueTask DisposeAsync()
    {
        await stop.DisposeAsync().ConfigureAwait(false);
        source.Dispose();
    }
}
