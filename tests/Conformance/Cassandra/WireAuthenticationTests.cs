using Cassandra;
using Cassandra.Protocol;

namespace StreamPlatform.Tests.Conformance.Cassandra;

/// <summary>SASL PLAIN against Cassandra's PasswordAuthenticator.</summary>
[Collection(OnCassandraWithPassword.Name)]
public sealed class WireAuthenticationTests
{
    private readonly CassandraWithPasswordFixture fixture;

    public WireAuthenticationTests(CassandraWithPasswordFixture fixture)
    {
        this.fixture = fixture;
        fixture.SkipIfMissing();
    }

    [Fact]
    public async Task The_right_password_opens_and_others_are_told_apart()
    {
        await using IConnection connection = await OpenAsync(new PlainTextAuthProvider("cassandra", "cassandra"));
        Assert.IsType<RowsResult>(await connection.SendAsync(
            new QueryRequest("SELECT release_version FROM system.local", WireClient.With()), WireClient.Patience, TestContext.Current.CancellationToken));
        AuthenticationException wrong = await Assert.ThrowsAsync<AuthenticationException>(() => OpenAsync(new PlainTextAuthProvider("cassandra", "wrong")));
        Assert.Equal(fixture.EndPoint, wrong.Host);
        Assert.Contains("none are configured", (await Assert.ThrowsAsync<AuthenticationException>(() => OpenAsync(null))).Message, StringComparison.Ordinal);
    }

    private Task<IConnection> OpenAsync(PlainTextAuthProvider? credentials) => new ConnectionFactory().OpenAsync(
        fixture.EndPoint,
        new ConnectionOptions { AuthProvider = credentials, Compression = Compression.Lz4, ConnectTimeout = TimeSpan.FromSeconds(30) },
        TestContext.Current.CancellationToken);
}
