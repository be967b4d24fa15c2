using System.Net;
using Cassandra;
using StreamPlatform.EmotionSeries;

namespace StreamPlatform.Tests.Unit.EmotionSeries;

/// <summary>A failure that passes by itself makes a sink wait and repeat; any other stops it.</summary>
public sealed class CassandraFailuresTests
{
    private static readonly IPEndPoint Node = new(IPAddress.Loopback, 9042);

    public static TheoryData<Exception, bool> Failures => new()
    {
        { new WriteTimeoutException(ConsistencyLevel.LocalQuorum, 1, 2, "SIMPLE"), true },
        { new ReadTimeoutException(ConsistencyLevel.LocalQuorum, 1, 2, false), true },
        { new UnavailableException(ConsistencyLevel.LocalQuorum, 2, 1), true },
        { new WriteFailureException(ConsistencyLevel.LocalQuorum, 0, 1, "SIMPLE", new Dictionary<IPAddress, int>()), true },
        { new OverloadedException("busy"), true },
        { new IsBootstrappingException("soon"), true },
        { new ServerErrorException("stopping"), true },
        { new OperationTimedOutException(Node, TimeSpan.FromSeconds(1)), true },
        { new BusyPoolException(Node, 1, 1), true },
        { new ConnectionClosedException(Node, requestSent: true, null), true },
        { new NoHostAvailableException(new Dictionary<IPEndPoint, Exception>()), true },
        { new NoHostAvailableException(new Dictionary<IPEndPoint, Exception> { [Node] = new OverloadedException("busy") }), true },
        { new NoHostAvailableException(new Dictionary<IPEndPoint, Exception> { [Node] = new AuthenticationException("no") }), false },
        { new InvalidQueryException("unknown column"), false },
        { new UnauthorizedException("no"), false },
        { new InvalidTypeException("not a text"), false },
        { new ProtocolErrorException("version"), false },
        { new AuthenticationException("no"), false },
        { new InvalidOperationException("ours"), false },
    };

    [Theory]
    [MemberData(nameof(Failures))]
    public void Failures_are_told_apart_once(Exception error, bool passes) => Assert.Equal(passes, CassandraFailures.IsTransient(error));
}
