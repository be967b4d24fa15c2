namespace StreamPlatform.Observability;

/// <summary>
/// A store or another part outside the process, asked in the background so that /health answers at once. Not critical: capture, acknowledgement
/// and analysis go on without it, and what is to be stored waits in Kafka.
/// </summary>
public sealed class HealthProbe : IHealthSource, IAsyncDisposable
{
    private readonly Func<CancellationToken, Task> ask;
    private readonly HealthProbeOptions options;
    private readonly TimeProvider time;
    private readonly CancellationTokenSource stop = new();
    private readonly Task asking;
    private volatile HealthReport report = new(true, "not asked yet");
    private long downSince;

    /// <param name="name">As shown, e.g. "postgres".</param>
    /// <param name="ask">Returns when the part has answered; throws when it does not work.</param>
    /// <param name="options">How often.</param>
    /// <param name="time">Clock.</param>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    public HealthProbe(string name, Func<CancellationToken, Task> ask, HealthProbeOptions options, TimeProvider time)
    {
        options.Validate();
        (Name, this.ask, this.options, this.time) = (name, ask, options, time);
        asking = Task.Run(AskOnAsync);
    }

    /// <summary>After each question: how the part does. The handler is quick and throws nothing.</summary>
    public event Action<HealthReport>? Asked;

    public string Name { get; }

    public bool IsCritical => false;

    public HealthReport Check() => report;

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync().ConfigureAwait(false);
        await asking.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        stop.Dispose();
    }

    private async Task AskOnAsync()
    {
        using var timer = new PeriodicTimer(options.Interval, time);
        do
        {
            var latest = await AskAsync().ConfigureAwait(false);
            report = latest;
            if (!stop.IsCancellationRequested)
            {
                Asked?.Invoke(latest);
            }
        }
        while (await timer.WaitForNextTickAsync(stop.Token).ConfigureAwait(false));
    }

    private async Task<HealthReport> AskAsync()
    {
        var started = time.GetTimestamp();
        using var limit = new CancellationTokenSource(options.Timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stop.Token, limit.Token);
        try
        {
            await ask(either.Token).WaitAsync(either.Token).ConfigureAwait(false);
            downSince = 0;
            return new(true, $"answered in {time.GetElapsedTime(started).TotalMilliseconds:0} ms");
        }
        catch (Exception e) when (e is not OutOfMemoryException) // whatever it is: it did not answer, and that is what is recorded
        {
            downSince = downSince == 0 ? started : downSince;
            var why = limit.IsCancellationRequested ? $"no answer within {options.Timeout.TotalSeconds:0.#} s" : e.Message;
            return new(false, $"down for {time.GetElapsedTime(downSince).TotalSeconds:0} s: {why}");
        }
    }
}
