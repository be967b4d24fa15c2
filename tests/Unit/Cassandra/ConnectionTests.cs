using Cassandra;
using Cassandra.Protocol;
using QueryOptions = Cassandra.Protocol.QueryOptions;

namespace StreamPlatform.Tests.Unit.Cassandra;

public sealed class ConnectionTests
{
    private static readonly TimeSpan Long = TimeSpan.FromSeconds(30);
    private static readonly QueryRequest Query = new("SELECT", new QueryOptions(ConsistencyLevel.One, []));

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Thousands_of_requests_share_few_streams_and_each_gets_its_own_answer(bool lz4)
    {
        // The answer names the request: SET_KEYSPACE with the query's text.
        await using ScriptedServer server = new((header, body) => Named(header.Stream, new CqlReader(body).ReadLongString()), lz4);
        await using IConnection connection = await OpenAsync(server, new ConnectionOptions { MaxInFlight = 64, MaxWaiting = 10_000, Compression = lz4 ? Compression.Lz4 : Compression.None });
        await Parallel.ForEachAsync(Enumerable.Range(0, 5000), new ParallelOptions { MaxDegreeOfParallelism = 500, CancellationToken = Cancel }, async (i, ct) =>
        {
            Response answer = await connection.SendAsync(new QueryRequest($"q{i}{new string('x', i % 300)}", Query.Options), Long, ct);
            Assert.StartsWith($"q{i}", Assert.IsType<SetKeyspaceResult>(answer).Keyspace, StringComparison.Ordinal);
            Assert.InRange(connection.InFlight, 0, 64);
        });
        Assert.Equal(0, connection.InFlight);
    }

    [Fact]
    public async Task A_large_request_and_a_large_answer_span_segments()
    {
        await using ScriptedServer server = new((header, body) => ScriptedServer.Frame(header.Stream, Opcode.AuthSuccess, [.. BitConverter.GetBytes(body.Length - 4).Reverse(), .. body[4..]]), lz4: true);
        await using IConnection connection = await OpenAsync(server, new ConnectionOptions { Compression = Compression.Lz4 });
        byte[] token = new byte[700_000];
        new Random(1).NextBytes(token);
        Response answer = await connection.SendAsync(new AuthResponseRequest(token), Long, Cancel);
        Assert.Equal(token, Assert.IsType<AuthSuccess>(answer).Token);
    }

    [Fact]
    public async Task A_timed_out_request_keeps_its_stream_until_its_answer_comes()
    {
        await using ScriptedServer server = new((_, _) => null);
        await using IConnection connection = await OpenAsync(server, new ConnectionOptions { MaxInFlight = 4 });
        await Assert.ThrowsAsync<OperationTimedOutException>(async () => await connection.SendAsync(Query, TimeSpan.FromMilliseconds(50), Cancel));
        Assert.Equal(1, connection.InFlight);
        short late = server.Requests.Take(Cancel).Stream;
        ValueTask<Response> next = connection.SendAsync(Query, Long, Cancel);
        short other = server.Requests.Take(Cancel).Stream;
        Assert.NotEqual(late, other);
        await server.WriteAsync([.. ScriptedServer.Void(late), .. ScriptedServer.Void(other)]);
        Assert.IsType<VoidResult>(await next);
        Assert.Equal(0, connection.InFlight);
        Assert.True(connection.IsOpen);
    }

    [Fact]
    public async Task A_cancelled_request_ends_at_once_and_keeps_its_stream_too()
    {
        await using ScriptedServer server = new((_, _) => null);
        await using IConnection connection = await OpenAsync(server, new ConnectionOptions());
        using CancellationTokenSource cancel = new();
        ValueTask<Response> answer = connection.SendAsync(Query, Long, cancel.Token);
        server.Requests.Take(Cancel);
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await answer);
        Assert.Equal(1, connection.InFlight);
    }

    [Fact]
    public async Task Too_many_requests_never_answered_close_the_connection()
    {
        await using ScriptedServer server = new((_, _) => null);
        await using IConnection connection = await OpenAsync(server, new ConnectionOptions { MaxOrphans = 3 });
        Task[] all = [.. Enumerable.Range(0, 8).Select(_ => connection.SendAsync(Query, TimeSpan.FromMilliseconds(50), Cancel).AsTask())];
        await connection.Closed.WaitAsync(Long, Cancel);
        await Task.WhenAll(all.Select(task => Assert.ThrowsAnyAsync<DriverException>(() => task)));
        Assert.False((await Assert.ThrowsAsync<ConnectionClosedException>(async () => await connection.SendAsync(Query, Long, Cancel))).RequestSent);
    }

    [Fact]
    public async Task Requests_beyond_the_streams_wait_in_order_and_beyond_that_are_refused()
    {
        await using ScriptedServer server = new((_, _) => null);
        await using IConnection connection = await OpenAsync(server, new ConnectionOptions { MaxInFlight = 2, MaxWaiting = 2 });
        List<Task<Response>> sent = [.. Enumerable.Range(0, 4).Select(_ => connection.SendAsync(Query, Long, Cancel).AsTask())];
        await Assert.ThrowsAsync<BusyPoolException>(async () => await connection.SendAsync(Query, Long, Cancel));
        for (int i = 0; i < 4; i++)
        {
            await server.WriteAsync(ScriptedServer.Void(server.Requests.Take(Cancel).Stream));
            await sent[i].WaitAsync(Long, Cancel);
        }
    }

    [Fact]
    public async Task A_request_that_waits_too_long_for_a_stream_times_out_unsent()
    {
        await using ScriptedServer server = new((_, _) => null);
        await using IConnection connection = await OpenAsync(server, new ConnectionOptions { MaxInFlight = 1 });
        Task<Response> first = connection.SendAsync(Query, Long, Cancel).AsTask();
        await Assert.ThrowsAsync<OperationTimedOutException>(async () => await connection.SendAsync(Query, TimeSpan.FromMilliseconds(50), Cancel));
        await server.WriteAsync(ScriptedServer.Void(server.Requests.Take(Cancel).Stream));
        await first;
        Assert.Empty(server.Requests);
        Assert.Equal(0, connection.InFlight);
    }

    [Fact]
    public async Task A_lost_connection_fails_what_is_in_flight_and_says_that_it_was_sent()
    {
        await using ScriptedServer server = new((_, _) => null);
        await using IConnection connection = await OpenAsync(server, new ConnectionOptions());
        Task<Response> answer = connection.SendAsync(Query, Long, Cancel).AsTask();
        server.Requests.Take(Cancel);
        await server.CutAsync();
        Assert.True((await Assert.ThrowsAsync<ConnectionClosedException>(() => answer)).RequestSent);
        await connection.Closed.WaitAsync(Long, Cancel);
    }

    [Theory]
    [InlineData("not a segment at all, but long enough")]
    [InlineData("")]
    public async Task Garbage_closes_the_connection(string garbage)
    {
        await using ScriptedServer server = new((_, _) => null);
        await using IConnection connection = await OpenAsync(server, new ConnectionOptions());
        Task<Response> answer = connection.SendAsync(Query, Long, Cancel).AsTask();
        server.Requests.Take(Cancel);
        if (garbage.Length > 0)
        {
            await server.WriteRawAsync(System.Text.Encoding.ASCII.GetBytes(garbage));
        }
        else
        {
            await server.WriteAsync(ScriptedServer.Void(99)); // nothing was asked there
        }
        Assert.IsType<MalformedDataException>((await Assert.ThrowsAsync<ConnectionClosedException>(() => answer)).InnerException);
    }

    [Fact]
    public async Task Events_arrive_in_order_and_a_failing_handler_harms_nothing()
    {
        await using ScriptedServer server = new((header, _) => ScriptedServer.Void(header.Stream));
        await using IConnection connection = await OpenAsync(server, new ConnectionOptions());
        List<string> seen = [];
        connection.Event += change =>
        {
            seen.Add(((UnknownEvent)change).Type);
            throw new InvalidOperationException("a handler's fault");
        };
        await connection.SendAsync(Query, Long, Cancel);
        await server.WriteAsync([.. Event("A"), .. Event("B")]);
        await connection.SendAsync(Query, Long, Cancel);
        Assert.Equal(["A", "B"], seen);
    }

    [Fact]
    public async Task An_idle_connection_is_asked_for_a_sign_of_life_and_closed_without_one()
    {
        ManualClock clock = new();
        await using ScriptedServer server = new((_, _) => null);
        await using IConnection connection = await OpenAsync(server, new ConnectionOptions(), clock);
        clock.Advance(TimeSpan.FromSeconds(29));
        Assert.Empty(server.Requests);
        clock.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(Opcode.Options, server.Requests.Take(Cancel).Opcode);
        clock.Advance(TimeSpan.FromSeconds(6));
        await connection.Closed.WaitAsync(Long, Cancel);
    }

    [Fact]
    public async Task A_request_over_the_limit_is_refused_and_leaves_nothing_behind()
    {
        await using ScriptedServer server = new((header, _) => ScriptedServer.Void(header.Stream));
        await using IConnection connection = await OpenAsync(server, new ConnectionOptions { MaxFrameBytes = 64 << 10 });
        await Assert.ThrowsAsync<InvalidQueryException>(async () => await connection.SendAsync(new QueryRequest(new string('x', 70_000), Query.Options), Long, Cancel));
        Assert.Equal(0, connection.InFlight);
        Assert.IsType<VoidResult>(await connection.SendAsync(Query, Long, Cancel));
    }

    internal static Task<IConnection> OpenAsync(ScriptedServer server, ConnectionOptions options, TimeProvider? time = null) =>
        new ConnectionFactory(time).OpenAsync(server.EndPoint, options, Cancel);

    private static byte[] Event(string type) => ScriptedServer.Frame(-1, Opcode.Event, [0, (byte)type.Length, .. System.Text.Encoding.ASCII.GetBytes(type)]);

    private static byte[] Named(short stream, string name)
    {
        using CqlWriter body = new();
        body.WriteInt(3);
        body.WriteString(name);
        return ScriptedServer.Frame(stream, Opcode.Result, body.ToArray());
    }
}
