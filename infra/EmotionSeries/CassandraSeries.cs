using Cassandra;
using Microsoft.Extensions.Logging;
using StreamPlatform.Topology.Ports;

namespace StreamPlatform.EmotionSeries;

/// <summary>The emotion series in Cassandra: connected, its tables in place.</summary>
public sealed class CassandraSeries : IAsyncDisposable
{
    private readonly Cluster _cluster;
    private readonly ISession _session;
    private readonly SeriesRequests _requests;
    private readonly SeriesStatements _statements;

    private CassandraSeries(Cluster cluster, ISession session, SeriesStatements statements, CassandraSeriesOptions options)
    {
        (_cluster, _session, _statements) = (cluster, session, statements);
        _requests = new SeriesRequests(session, options);
        var reader = new CassandraEmotionReader(_requests, statements);
        (Reader, Store) = (reader, new CassandraEmotionStore(_requests, statements, reader));
    }

    public IEmotionSeriesStore Store { get; }

    public IEmotionSeriesReader Reader { get; }

    /// <summary>Connects, brings the tables up to date and prepares every statement.</summary>
    /// <exception cref="ArgumentException">Names the option.</exception>
    /// <exception cref="CassandraSeriesException">Cassandra cannot be reached, or refuses; says what to fix.</exception>
    public static async Task<CassandraSeries> OpenAsync(CassandraSeriesOptions options, ILoggerFactory loggers, CancellationToken ct)
    {
        options.Validate();
        var cluster = Build(options, loggers);
        try
        {
            var session = await cluster.ConnectAsync(null).WaitAsync(ct).ConfigureAwait(false);
            var logger = loggers.CreateLogger<CassandraSeries>();
            await SeriesSchema.ApplyAsync(session, options, logger, ct).ConfigureAwait(false);
            var statements = await SeriesStatements.PrepareAsync(session, options.Keyspace.ToLowerInvariant()).WaitAsync(ct).ConfigureAwait(false);
            Log.Opened(logger, options.Keyspace);
            return new(cluster, session, statements, options);
        }
        catch (Exception error)
        {
            await cluster.DisposeAsync().ConfigureAwait(false);
            if (error is DriverException)
            {
                throw new CassandraSeriesException($"Cassandra at {options.ContactPoints} did not answer as expected: {error.Message}; check --cassandra and its user, password, TLS and datacenter", error);
            }

            throw;
        }
    }

    /// <summary>Asks a node for one empty partition.</summary>
    /// <exception cref="Streams.TransientException">Cassandra cannot be asked now.</exception>
    public async Task CheckAsync(CancellationToken ct) =>
        await _requests.ReadAsync("a check of its health", _statements.SelectBuckets, ct, "health", 0L, 1).ConfigureAwait(false);

    public async ValueTask DisposeAsync()
    {
        await _session.DisposeAsync().ConfigureAwait(false);
        await _cluster.DisposeAsync().ConfigureAwait(false);
        _requests.Dispose();
    }

    private static Cluster Build(CassandraSeriesOptions options, ILoggerFactory loggers)
    {
        var builder = Cluster.Builder()
            .AddContactPoints([.. options.Points])
            .WithApplicationName("streamplatform")
            .WithQueryTimeout((int)options.RequestTimeout.TotalMilliseconds)
            .WithQueryOptions(new QueryOptions().SetConsistencyLevel(ConsistencyLevel.LocalQuorum))
            .WithLogging(loggers);
        if (options.User.Length > 0)
        {
            builder.WithCredentials(options.User, options.Password);
        }

        if (options.Datacenter.Length > 0)
        {
            builder.WithLoadBalancingPolicy(new TokenAwarePolicy(new DCAwareRoundRobinPolicy(options.Datacenter)));
        }

        if (options.Tls)
        {
            builder.WithSSL(new SSLOptions().SetHostNameResolver(address => options.TlsName.Length > 0 ? options.TlsName : address.ToString()));
        }

        return builder.Build();
    }
}

/// <summary>Cassandra cannot be used as configured; the message names what to fix.</summary>
public sealed class CassandraSeriesException(string message, Exception inner) : Exception(message, inner);
