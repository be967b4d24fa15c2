using System.Data.Common;
using System.Globalization;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace StreamPlatform.Postgres.Pool;

/// <summary>Opens the pool of an instance. Npgsql counts it (meter "Npgsql": connections used and idle, requests waiting, timeouts, durations) under the pool's name.</summary>
public static class PostgresPool
{
    /// <param name="connectionString">Of Npgsql.</param>
    /// <param name="name">Of the pool, in metrics: "primary", "replica".</param>
    /// <param name="options">What the connection string does not say.</param>
    /// <param name="loggers">Npgsql logs to it; null = nowhere.</param>
    /// <exception cref="ArgumentException">The connection string is none, or an option is out of its range.</exception>
    public static NpgsqlDataSource Open(string connectionString, string name, PoolOptions options, ILoggerFactory? loggers)
    {
        options.Validate();
        return new NpgsqlDataSourceBuilder(Complete(connectionString, options)) { Name = name }.UseLoggerFactory(loggers).Build();
    }

    internal static string Complete(string connectionString, PoolOptions options)
    {
        var given = new DbConnectionStringBuilder { ConnectionString = connectionString };
        var full = new NpgsqlConnectionStringBuilder(connectionString);
        bool Says(params string[] keywords) => keywords.Any(given.ContainsKey);
        if (!Says("Maximum Pool Size", "MaxPoolSize", "Max Pool Size"))
        {
            full.MaxPoolSize = Math.Max(options.MaxConnections, full.MinPoolSize);
        }

        if (!Says("Connection Idle Lifetime", "ConnectionIdleLifetime"))
        {
            full.ConnectionIdleLifetime = (int)options.IdleLifetime.TotalSeconds;
            full.ConnectionPruningInterval = Math.Clamp(full.ConnectionIdleLifetime / 3, 1, 10);
        }

        if (!Says("Timeout"))
        {
            full.Timeout = (int)options.ConnectTimeout.TotalSeconds;
        }

        if (!Says("Command Timeout", "CommandTimeout"))
        {
            full.CommandTimeout = (int)options.StatementTimeout.TotalSeconds + 5;
        }

        if (!Says("Application Name", "ApplicationName"))
        {
            full.ApplicationName = options.ApplicationName;
        }

        // As start-up parameters, not by SET: a connection that comes back to the pool is reset to these. No parallel workers: every query reads a page by an
        // index, and starting a worker takes longer than reading 500 rows (82 against 14 ms on a busy machine).
        if (!Says("Options"))
        {
            full.Options = string.Create(CultureInfo.InvariantCulture,
                $"-c statement_timeout={(long)options.StatementTimeout.TotalMilliseconds} -c idle_in_transaction_session_timeout={(long)options.IdleInTransactionTimeout.TotalMilliseconds} -c max_parallel_workers_per_gather=0");
        }

        return full.ConnectionString;
    }
}
