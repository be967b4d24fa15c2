using System.Net;
using System.Security.Cryptography.X509Certificates;
using Cassandra;
using Microsoft.Extensions.Logging.Abstractions;
using StreamPlatform.EmotionSeries;

namespace StreamPlatform.Tests.Conformance.Cassandra;

/// <summary>TLS and passwords together, against Apache Cassandra: what opens, and what each refusal says.</summary>
public sealed class TlsTests : IClassFixture<CassandraWithTlsFixture>
{
    private readonly CassandraWithTlsFixture fixture;

    public TlsTests(CassandraWithTlsFixture fixture)
    {
        this.fixture = fixture;
        fixture.SkipIfMissing();
    }

    [Theory]
    [InlineData(CompressionType.NoCompression)]
    [InlineData(CompressionType.LZ4)]
    public async Task The_right_password_opens_over_TLS_and_the_node_says_so(CompressionType compression)
    {
        await using Cluster cluster = Builder(fixture.Trusting(fixture.Client)).WithCompression(compression).Build();
        await using ISession session = await cluster.ConnectAsync();
        string table = $"tls_{compression}".ToLowerInvariant();
        await session.ExecuteAsync(new SimpleStatement("CREATE KEYSPACE IF NOT EXISTS secrets WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}"));
        await session.ExecuteAsync(new SimpleStatement($"CREATE TABLE secrets.{table} (k int PRIMARY KEY, v text)"));
        PreparedStatement insert = await session.PrepareAsync($"INSERT INTO secrets.{table} (k, v) VALUES (?, ?)");
        string large = new('x', 300_000); // several TLS records, several segments
        await Task.WhenAll(Enumerable.Range(0, 50).Select(i => session.ExecuteAsync(insert.Bind(i, i == 25 ? large : $"value {i}"))));
        Row[] rows = [.. (await session.ExecuteAsync(new SimpleStatement($"SELECT k, v FROM secrets.{table}").SetPageSize(7)))];
        Assert.Equal(50, rows.Length);
        Assert.Equal(large, rows.Single(row => row.GetValue<int>("k") == 25).GetValue<string>("v"));

        Row[] clients = [.. await session.ExecuteAsync(new SimpleStatement("SELECT username, ssl_enabled, ssl_protocol FROM system_views.clients"))];
        Assert.True(clients.Length >= 2); // the control connection too
        Assert.All(clients, client => Assert.Equal(("cassandra", true), (client.GetValue<string>("username"), client.GetValue<bool>("ssl_enabled"))));
        Assert.All(clients, client => Assert.StartsWith("TLSv1.", client.GetValue<string>("ssl_protocol"), StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_wrong_password_is_told_as_such()
    {
        await using Cluster cluster = Builder(fixture.Trusting(fixture.Client), "wrong").Build();
        AuthenticationException refused = await Assert.ThrowsAsync<AuthenticationException>(cluster.ConnectAsync);
        Assert.Equal(fixture.EndPoint, refused.Host);
        Assert.Contains("password", refused.Message, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task A_certificate_that_nobody_vouches_for_is_told_as_such()
    {
        string told = await RefusedAsync(Builder(new SSLOptions().SetCertificateCollection([fixture.Client])));
        Assert.Contains("certificate", told, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_node_of_another_name_is_refused()
    {
        string told = await RefusedAsync(Builder(fixture.Trusting(fixture.Client).SetHostNameResolver(_ => "another.example")));
        Assert.Contains("certificate", told, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_client_without_a_certificate_or_with_a_stranger_s_is_refused_by_the_node()
    {
        Assert.Contains("client's certificate", await RefusedAsync(Builder(fixture.Trusting())), StringComparison.Ordinal);
        using X509Certificate2 stranger = CassandraWithTlsFixture.MakeClient();
        Assert.Contains("client's certificate", await RefusedAsync(Builder(fixture.Trusting(stranger))), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_client_that_does_not_speak_TLS_is_refused_soon()
    {
        Assert.Contains("TLS only", await RefusedAsync(Builder(null)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_series_store_says_what_to_fix()
    {
        CassandraSeriesOptions options = new() { ContactPoints = fixture.EndPoint.ToString(), User = "cassandra", Password = "cassandra", Tls = true };
        CassandraSeriesException error = await Assert.ThrowsAsync<CassandraSeriesException>(
            () => CassandraSeries.OpenAsync(options, NullLoggerFactory.Instance, TestContext.Current.CancellationToken));
        Assert.Contains("certificate", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("NameMismatch", error.Message, StringComparison.Ordinal); // the address is the name; nobody vouches for it
        options.TlsName = "another.example";
        error = await Assert.ThrowsAsync<CassandraSeriesException>(() => CassandraSeries.OpenAsync(options, NullLoggerFactory.Instance, TestContext.Current.CancellationToken));
        Assert.Contains("NameMismatch", error.Message, StringComparison.Ordinal);
    }

    private static async Task<string> RefusedAsync(Builder builder)
    {
        await using Cluster cluster = builder.Build();
        NoHostAvailableException none = await Assert.ThrowsAsync<NoHostAvailableException>(() => cluster.ConnectAsync().WaitAsync(TimeSpan.FromSeconds(30)));
        TestContext.Current.SendDiagnosticMessage(none.Message);
        return none.Message;
    }

    private Builder Builder(SSLOptions? tls, string password = "cassandra")
    {
        Builder builder = global::Cassandra.Cluster.Builder().AddContactPoint(fixture.EndPoint).WithCredentials("cassandra", password)
            .WithSocketOptions(new SocketOptions().SetConnectTimeoutMillis(20_000));
        return tls is null ? builder : builder.WithSSL(tls);
    }
}
