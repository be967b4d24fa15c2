using System.Net;
using Cassandra;

namespace StreamPlatform.Tests.Unit.Cassandra;

public sealed class ClusterPolicyTests
{
    private static readonly RetryDecision.RetryDecisionType Retry = RetryDecision.RetryDecisionType.Retry;
    private static readonly RetryDecision.RetryDecisionType Rethrow = RetryDecision.RetryDecisionType.Rethrow;
    private static readonly Configuration Configuration = new();
    private readonly DefaultRetryPolicy retry = new(new Random(1));

    [Theory]
    [InlineData("SIMPLE")]
    [InlineData("BATCH")]
    [InlineData("BATCH_LOG")]
    [InlineData("UNLOGGED_BATCH")]
    [InlineData("COUNTER")]
    [InlineData("CAS")]
    public void A_write_that_timed_out_is_written_again_only_when_that_changes_nothing(string type)
    {
        Assert.Equal(Rethrow, retry.OnWriteTimeout(Statement(null), ConsistencyLevel.One, type, 1, 0, 0).DecisionType);
        Assert.Equal(Rethrow, retry.OnWriteTimeout(Statement(false), ConsistencyLevel.One, type, 1, 0, 0).DecisionType);
        Assert.Equal(Retry, retry.OnWriteTimeout(Statement(true), ConsistencyLevel.One, type, 1, 0, 0).DecisionType);
        Assert.Equal(Rethrow, retry.OnWriteTimeout(Statement(true), ConsistencyLevel.One, type, 1, 0, 1).DecisionType);
    }

    [Fact]
    public void A_read_is_repeated_once_if_only_the_data_was_missing()
    {
        Assert.Equal(Retry, retry.OnReadTimeout(Statement(null), ConsistencyLevel.Quorum, 2, 2, false, 0).DecisionType);
        Assert.Equal(Rethrow, retry.OnReadTimeout(Statement(null), ConsistencyLevel.Quorum, 2, 2, false, 1).DecisionType);
        Assert.Equal(Rethrow, retry.OnReadTimeout(Statement(null), ConsistencyLevel.Quorum, 2, 2, true, 0).DecisionType);
        Assert.Equal(Rethrow, retry.OnReadTimeout(Statement(null), ConsistencyLevel.Quorum, 2, 1, false, 0).DecisionType);
    }

    [Fact]
    public void Unavailable_goes_to_the_next_host_once()
    {
        RetryDecision first = retry.OnUnavailable(Statement(false), ConsistencyLevel.Quorum, 2, 1, 0);
        Assert.Equal((Retry, false), (first.DecisionType, first.UseCurrentHost));
        Assert.Equal(Rethrow, retry.OnUnavailable(Statement(false), ConsistencyLevel.Quorum, 2, 1, 1).DecisionType);
    }

    [Fact]
    public void An_overloaded_host_is_spared_for_longer_each_time_and_not_for_ever()
    {
        for (int attempt = 0; attempt < DefaultRetryPolicy.MaxOverloadedRetries; attempt++)
        {
            RetryDecision decision = retry.OnRequestError(Statement(false), Configuration, new OverloadedException("busy"), attempt);
            double ceiling = DefaultRetryPolicy.OverloadedBaseDelay.TotalMilliseconds * (1 << attempt);
            Assert.Equal(Retry, decision.DecisionType);
            Assert.InRange(decision.Delay.TotalMilliseconds, ceiling / 2, ceiling);
        }
        Assert.Equal(Rethrow, retry.OnRequestError(Statement(true), Configuration, new OverloadedException("busy"), DefaultRetryPolicy.MaxOverloadedRetries).DecisionType);
    }

    [Fact]
    public void Without_an_answer_only_idempotent_statements_are_repeated()
    {
        OperationTimedOutException silence = new(null, TimeSpan.FromSeconds(1));
        Assert.Equal(Rethrow, retry.OnRequestError(Statement(false), Configuration, silence, 0).DecisionType);
        Assert.Equal(Retry, retry.OnRequestError(Statement(true), Configuration, silence, 0).DecisionType);
    }

    [Fact]
    public void Reconnection_doubles_up_to_its_bound_give_or_take_a_little()
    {
        IReconnectionSchedule schedule = new ExponentialReconnectionPolicy(100, 5000, new Random(1)).NewSchedule();
        long[] delays = [.. Enumerable.Range(0, 12).Select(_ => schedule.NextDelayMs())];
        for (int i = 0; i < delays.Length; i++)
        {
            double exact = Math.Min(5000, 100 * Math.Pow(2, i));
            Assert.InRange(delays[i], Math.Max(100, exact * 0.85 - 1), Math.Min(5000, exact * 1.15 + 1));
        }
    }

    [Fact]
    public void A_schedule_of_years_does_not_overflow()
    {
        IReconnectionSchedule schedule = new ExponentialReconnectionPolicy(1, 600_000).NewSchedule();
        Assert.All(Enumerable.Range(0, 1000), _ => Assert.InRange(schedule.NextDelayMs(), 1, 600_000));
    }

    [Fact]
    public void Constant_speculation_stops_at_its_maximum()
    {
        ISpeculativeExecutionPlan plan = new ConstantSpeculativeExecutionPolicy(50, 2).NewPlan(null, Statement(true));
        Host host = StubCluster.Node(1, "dc1", "r1");
        Assert.Equal([50, 50, -1, -1], Enumerable.Range(0, 4).Select(_ => plan.NextExecution(host)));
    }

    [Fact]
    public void Percentile_speculation_waits_until_it_knows_and_then_follows_the_answers()
    {
        PercentileSpeculativeExecutionPolicy policy = new(95, 1);
        Host host = StubCluster.Node(1, "dc1", "r1");
        ILatencyListener listener = policy;
        Assert.Equal(-1, policy.NewPlan(null, Statement(true)).NextExecution(host));
        for (int i = 0; i < 1000; i++)
        {
            listener.Answered(TimeSpan.FromMilliseconds(i % 100 == 99 ? 500 : 10)); // one of a hundred is slow
        }
        Assert.InRange(policy.NewPlan(null, Statement(true)).NextExecution(host), 10, 12);
        for (int i = 0; i < 60_000; i++)
        {
            listener.Answered(TimeSpan.FromMilliseconds(40)); // old answers fade
        }
        Assert.InRange(policy.NewPlan(null, Statement(true)).NextExecution(host), 40, 45);
    }

    [Theory]
    [InlineData("192.0.2.1", "192.0.2.1:9043")]
    [InlineData("192.0.2.1:9142", "192.0.2.1:9142")]
    [InlineData("::1", "[::1]:9043")]
    [InlineData("[::1]", "[::1]:9043")]
    [InlineData("[::1]:9142", "[::1]:9142")]
    [InlineData("node.example", "node.example:9043")]
    [InlineData("node.example:9142", "node.example:9142")]
    public void Contact_points_are_names_and_addresses_with_or_without_a_port(string contactPoint, string meant)
    {
        EndPoint one = Assert.Single(global::Cassandra.Cluster.Builder().AddContactPoint(contactPoint).WithPort(9043).BuildConfiguration().ContactPoints);
        Assert.Equal(meant, one is DnsEndPoint name ? $"{name.Host}:{name.Port}" : one.ToString());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(100_001)]
    public void Options_out_of_range_are_named(int pageSize)
    {
        Builder builder = global::Cassandra.Cluster.Builder().AddContactPoint("127.0.0.1").WithQueryOptions(new QueryOptions().SetPageSize(pageSize));
        Assert.Contains("page size", Assert.Throws<ArgumentOutOfRangeException>(builder.Build).Message, StringComparison.Ordinal);
    }

    private static Statement Statement(bool? idempotent) => idempotent is { } known ? new SimpleStatement("X").SetIdempotence(known) : new SimpleStatement("X");
}
