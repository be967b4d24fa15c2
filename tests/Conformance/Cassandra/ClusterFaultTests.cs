using System.Diagnostics;
using Cassandra;

namespace StreamPlatform.Tests.Conformance.Cassandra;

/// <summary>A real node that asks for a password and is killed.</summary>
[Collection(OnCassandraWithPassword.Name)]
public sealed class ClusterFaultTests(CassandraWithPasswordFixture fixture)
{
    [Fact]
    [Trait("Run", "all")] // two starts of Cassandra
    public async Task A_session_outlives_kill_9_of_the_node_and_a_wrong_password_is_told()
    {
        fixture.SkipIfMissing();
        await using (Cluster stranger = Builder("wrong").Build())
        {
            await Assert.ThrowsAsync<AuthenticationException>(stranger.ConnectAsync);
        }
        await using Cluster cluster = Builder("cassandra").WithReconnectionPolicy(new ConstantReconnectionPolicy(200)).Build();
        await using ISession session = await cluster.ConnectAsync();
        await session.ExecuteAsync(new SimpleStatement("CREATE KEYSPACE ks WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}"));
        await session.ExecuteAsync(new SimpleStatement("CREATE TABLE ks.t (k int PRIMARY KEY)"));
        PreparedStatement insert = (await session.PrepareAsync("INSERT INTO ks.t (k) VALUES (?)")).SetIdempotence(true);

        Task crash = Task.CompletedTask;
        long started = Stopwatch.GetTimestamp();
        for (int i = 0; i < 500; i++)
        {
            if (i == 200)
            {
                crash = fixture.CrashAndRestartAsync();
            }
            while (!await TryAsync(session, insert.Bind(i)))
            {
                Assert.True(Stopwatch.GetElapsedTime(started) < TimeSpan.FromMinutes(2), "the node did not come back");
                await Task.Delay(50);
            }
        }
        await crash;
        Assert.Equal(500L, (await session.ExecuteAsync(new SimpleStatement("SELECT count(*) FROM ks.t"))).Single().GetValue<long>(0));
        Assert.NotNull(cluster.Metadata.ControlHost);
    }

    private Builder Builder(string password) => global::Cassandra.Cluster.Builder().AddContactPoint(fixture.EndPoint).WithCredentials("cassandra", password)
        .WithSocketOptions(new SocketOptions().SetConnectTimeoutMillis(30_000));

    private static async Task<bool> TryAsync(ISession session, IStatement statement)
    {
        try
        {
            await session.ExecuteAsync(statement);
            return true;
        }
        catch (DriverException)
        {
            return false;
        }
    }
}
