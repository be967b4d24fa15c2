namespace Cassandra;

/// <summary>The policies of a cluster.</summary>
public sealed class Policies(
    ILoadBalancingPolicy? loadBalancingPolicy, IReconnectionPolicy? reconnectionPolicy, IRetryPolicy? retryPolicy,
    ISpeculativeExecutionPolicy? speculativeExecutionPolicy = null)
{
    /// <summary>Token-aware over round robin in the local data centre.</summary>
    public static ILoadBalancingPolicy DefaultLoadBalancingPolicy => new TokenAwarePolicy(new DCAwareRoundRobinPolicy());

    /// <summary>None.</summary>
    public static ISpeculativeExecutionPolicy DefaultSpeculativeExecutionPolicy => NoSpeculativeExecutionPolicy.Instance;

    /// <summary>1 s, doubling to 10 min.</summary>
    public static IReconnectionPolicy DefaultReconnectionPolicy => new ExponentialReconnectionPolicy(1000, 10 * 60 * 1000);

    /// <summary>See <see cref="Cassandra.DefaultRetryPolicy"/>.</summary>
    public static IRetryPolicy DefaultRetryPolicy => new DefaultRetryPolicy();

    /// <summary>Token-aware over round robin in this data centre.</summary>
    public static ILoadBalancingPolicy NewDefaultLoadBalancingPolicy(string localDc) => new TokenAwarePolicy(new DCAwareRoundRobinPolicy(localDc));

    /// <summary>Which hosts, in which order.</summary>
    public ILoadBalancingPolicy LoadBalancingPolicy { get; } = loadBalancingPolicy ?? DefaultLoadBalancingPolicy;

    /// <summary>How long between attempts to reach a host that is down.</summary>
    public IReconnectionPolicy ReconnectionPolicy { get; } = reconnectionPolicy ?? DefaultReconnectionPolicy;

    /// <summary>What becomes of failed attempts.</summary>
    public IRetryPolicy RetryPolicy { get; } = retryPolicy ?? DefaultRetryPolicy;

    /// <summary>Whether another host is asked meanwhile.</summary>
    public ISpeculativeExecutionPolicy SpeculativeExecutionPolicy { get; } = speculativeExecutionPolicy ?? NoSpeculativeExecutionPolicy.Instance;
}
