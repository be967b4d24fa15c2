namespace Cassandra;

/// <summary>Whether and when another host is asked too, while the first has not answered. Used for idempotent statements only.</summary>
public interface ISpeculativeExecutionPolicy : IDisposable
{
    /// <summary>Called once, after the first look at the cluster's topology.</summary>
    void Initialize(ICluster cluster);

    /// <summary>The plan of one request.</summary>
    ISpeculativeExecutionPlan NewPlan(string? keyspace, IStatement statement);
}

/// <summary>The further executions of one request.</summary>
public interface ISpeculativeExecutionPlan
{
    /// <summary>Milliseconds until the next execution starts; 0 starts it at once; negative: no more.</summary>
    long NextExecution(Host lastQueried);
}

/// <summary>What a policy that learns from latencies is told.</summary>
internal interface ILatencyListener
{
    /// <summary>One answer of one host.</summary>
    void Answered(TimeSpan latency);
}

/// <summary>No further executions: the default.</summary>
public sealed class NoSpeculativeExecutionPolicy : ISpeculativeExecutionPolicy, ISpeculativeExecutionPlan
{
    /// <summary>The one instance.</summary>
    public static readonly NoSpeculativeExecutionPolicy Instance = new();

    private NoSpeculativeExecutionPolicy()
    {
    }

    /// <inheritdoc/>
    public void Initialize(ICluster cluster)
    {
    }

    /// <inheritdoc/>
    public ISpeculativeExecutionPlan NewPlan(string? keyspace, IStatement statement) => this;

    /// <inheritdoc/>
    public long NextExecution(Host lastQueried) => -1;

    /// <inheritdoc/>
    public void Dispose()
    {
    }
}

/// <summary>A further execution every <paramref name="delay"/> milliseconds, at most <paramref name="maxSpeculativeExecutions"/> (1 to 10).</summary>
public sealed class ConstantSpeculativeExecutionPolicy(long delay, int maxSpeculativeExecutions) : ISpeculativeExecutionPolicy
{
    private readonly long delay = delay >= 0 ? delay : throw new ArgumentOutOfRangeException(nameof(delay), "at least 0 ms");
    private readonly int max = SpeculativePlan.CheckMax(maxSpeculativeExecutions);

    /// <inheritdoc/>
    public void Initialize(ICluster cluster)
    {
    }

    /// <inheritdoc/>
    public ISpeculativeExecutionPlan NewPlan(string? keyspace, IStatement statement) => new SpeculativePlan(delay, max);

    /// <inheritdoc/>
    public void Dispose()
    {
    }
}

/// <summary>
/// A further execution once the request takes longer than <paramref name="percentile"/> percent of the recent answers did, at most
/// <paramref name="maxSpeculativeExecutions"/> (1 to 10); none before <see cref="MinSamples"/> answers are known. Not in the official C# driver (the Java driver has it).
/// </summary>
/// <param name="percentile">Above 0 and below 100, for instance 99.</param>
/// <param name="maxSpeculativeExecutions">1 to 10.</param>
public sealed class PercentileSpeculativeExecutionPolicy(double percentile, int maxSpeculativeExecutions) : ISpeculativeExecutionPolicy, ILatencyListener
{
    /// <summary>Answers needed before a percentile is believed.</summary>
    public const int MinSamples = 1000;

    private readonly LatencyHistogram latencies = new();
    private readonly double percentile = percentile is > 0 and < 100 ? percentile : throw new ArgumentOutOfRangeException(nameof(percentile), "above 0, below 100");
    private readonly int max = SpeculativePlan.CheckMax(maxSpeculativeExecutions);

    /// <inheritdoc/>
    public void Initialize(ICluster cluster)
    {
    }

    /// <inheritdoc/>
    public ISpeculativeExecutionPlan NewPlan(string? keyspace, IStatement statement) =>
        latencies.PercentileMs(percentile, MinSamples) is { } delayMs ? new SpeculativePlan(delayMs, max) : NoSpeculativeExecutionPolicy.Instance;

    void ILatencyListener.Answered(TimeSpan latency) => latencies.Record(latency);

    /// <inheritdoc/>
    public void Dispose()
    {
    }
}

internal sealed class SpeculativePlan(long delayMs, int left) : ISpeculativeExecutionPlan
{
    public static int CheckMax(int max) => max is >= 1 and <= 10 ? max : throw new ArgumentOutOfRangeException(nameof(max), "1 to 10 executions");

    public long NextExecution(Host lastQueried) => left-- > 0 ? delayMs : -1;
}
