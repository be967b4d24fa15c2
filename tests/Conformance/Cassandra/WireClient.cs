using Cassandra;
using Cassandra.Codec;
using Cassandra.Protocol;
using QueryOptions = Cassandra.Protocol.QueryOptions;

namespace StreamPlatform.Tests.Conformance.Cassandra;

/// <summary>What the wire tests need of a connection: text queries, prepared statements, values.</summary>
internal sealed class WireClient(IConnection connection) : IAsyncDisposable
{
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    public IConnection Connection { get; } = connection;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>Opens a connection in a keyspace of its own.</summary>
    public static async Task<WireClient> OpenAsync(CassandraFixture fixture, Compression compression = Compression.Lz4)
    {
        string keyspace = "wire_" + Guid.NewGuid().ToString("N");
        await using (WireClient setup = new(await new ConnectionFactory().OpenAsync(fixture.EndPoint, Options(null, compression), Cancel)))
        {
            await setup.QueryAsync($"CREATE KEYSPACE {keyspace} WITH replication = {{'class': 'SimpleStrategy', 'replication_factor': 1}}");
        }
        return new WireClient(await new ConnectionFactory().OpenAsync(fixture.EndPoint, Options(keyspace, compression), Cancel)) { Keyspace = keyspace };
    }

    public string Keyspace { get; private init; } = "";

    public static ConnectionOptions Options(string? keyspace = null, Compression compression = Compression.Lz4) =>
        new() { Keyspace = keyspace, Compression = compression, ConnectTimeout = TimeSpan.FromSeconds(30) };

    public static QueryOptions With(params ReadOnlyMemory<byte>?[] values) => new(ConsistencyLevel.One, values);

    public async Task<Response> SendAsync(Request request) => await Connection.SendAsync(request, Patience, Cancel);

    public async Task<Response> QueryAsync(string cql, QueryOptions? options = null)
    {
        Response response = await SendAsync(new QueryRequest(cql, options ?? With()));
        return response is ErrorResponse error ? throw error.ToException() : response;
    }

    public async Task<PreparedResult> PrepareAsync(string cql) => Assert.IsType<PreparedResult>(await SendAsync(new PrepareRequest(cql)));

    public async Task<Response> ExecuteAsync(PreparedResult prepared, params object?[] values)
    {
        using CqlWriter writer = new();
        for (int i = 0; i < values.Length; i++)
        {
            ValueWriter.Write(values[i], prepared.Variables[i].Type, writer);
        }
        QueryOptions options = new(ConsistencyLevel.One, new EncodedValues(values.Length, writer.ToArray()));
        Response response = await SendAsync(new ExecuteRequest(prepared.Id, prepared.ResultMetadataId, options));
        return response is ErrorResponse error ? throw error.ToException() : response;
    }

    public ValueTask DisposeAsync() => Connection.DisposeAsync();
}
