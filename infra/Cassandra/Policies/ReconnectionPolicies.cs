namespace Cassandra;

/// <summary>How long to wait between attempts to reach a host that is down.</summary>
public interface IReconnectionPolicy
{
    /// <summary>A schedule for one outage of one host.</summary>
    IReconnectionSchedule NewSchedule();
}

/// <summary>The waits of one outage.</summary>
public interface IReconnectionSchedule
{
    /// <summary>Milliseconds until the next attempt.</summary>
    long NextDelayMs();
}

/// <summary>
/// Twice as long each time, from <paramref name="minDelayMs"/> to <paramref name="maxDelayMs"/>, give or take 15 %, so that the clients of a node that
/// comes back do not arrive together.
/// </summary>
public sealed class ExponentialReconnectionPolicy(long minDelayMs, long maxDelayMs) : IReconnectionPolicy
{
    private readonly Random random = Random.Shared;

    internal ExponentialReconnectionPolicy(long minDelayMs, long maxDelayMs, Random random) : this(minDelayMs, maxDelayMs) => this.random = random;

    /// <summary>The first wait, ms, 1 to <see cref="MaxDelayMs"/>.</summary>
    public long MinDelayMs { get; } = minDelayMs > 0 ? minDelayMs : throw new ArgumentOutOfRangeException(nameof(minDelayMs), "at least 1 ms");

    /// <summary>The longest wait, ms.</summary>
    public long MaxDelayMs { get; } = maxDelayMs >= minDelayMs ? maxDelayMs : throw new ArgumentOutOfRangeException(nameof(maxDelayMs), "at least the first delay");

    /// <inheritdoc/>
    public IReconnectionSchedule NewSchedule() => new Schedule(this);

    private sealed class Schedule(ExponentialReconnectionPolicy policy) : IReconnectionSchedule
    {
        private int attempts;

        public long NextDelayMs()
        {
            int doublings = Math.Min(attempts++, 40);
            double delay = Math.Min((double)policy.MaxDelayMs, policy.MinDelayMs * Math.Pow(2, doublings));
            double jittered = delay * (0.85 + 0.3 * policy.random.NextDouble());
            return (long)Math.Clamp(jittered, policy.MinDelayMs, policy.MaxDelayMs);
        }
    }
}

/// <summary>The same wait each time.</summary>
/// <param name="constantDelayMs">Milliseconds, at least 1.</param>
public sealed class ConstantReconnectionPolicy(long constantDelayMs) : IReconnectionPolicy, IReconnectionSchedule
{
    private readonly long delayMs = constantDelayMs > 0 ? constantDelayMs : throw new ArgumentOutOfRangeException(nameof(constantDelayMs), "at least 1 ms");

    /// <inheritdoc/>
    public IReconnectionSchedule NewSchedule() => this;

    /// <inheritdoc/>
    public long NextDelayMs() => delayMs;
}
