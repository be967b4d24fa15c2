namespace StreamPlatform.Postgres.Pool;

/// <summary>The connections of one instance to one PostgreSQL. What a connection string says itself is kept.</summary>
public sealed class PoolOptions
{
    /// <summary>Connections that are open at once; who asks for one more waits. Default 20, 1..500.</summary>
    public int MaxConnections { get; set; } = 20;

    /// <summary>After how long an unused connection is closed. Default 30 s, 1 s .. 1 h.</summary>
    public TimeSpan IdleLifetime { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>For a connection, from the pool or new. Default 2 s, 1 s .. 1 min; whole seconds.</summary>
    public TimeSpan ConnectTimeout { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>For one statement, on the server; the client gives up 5 s later. Default 30 s, 1 s .. 1 h.</summary>
    public TimeSpan StatementTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>For a transaction in which nothing happens: its locks and its old snapshot would hold up others. Default 60 s, 1 s .. 1 h.</summary>
    public TimeSpan IdleInTransactionTimeout { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>As pg_stat_activity shows it. Default "streamplatform", 1..63 letters, digits, '-', '_', '.'.</summary>
    public string ApplicationName { get; set; } = "streamplatform";

    /// <exception cref="ArgumentException">Names the option and the accepted range.</exception>
    public void Validate()
    {
        Require(MaxConnections is >= 1 and <= 500, nameof(MaxConnections), MaxConnections, "1..500");
        Require(IdleLifetime >= TimeSpan.FromSeconds(1) && IdleLifetime <= TimeSpan.FromHours(1), nameof(IdleLifetime), IdleLifetime, "1 s .. 1 h");
        Require(ConnectTimeout >= TimeSpan.FromSeconds(1) && ConnectTimeout <= TimeSpan.FromMinutes(1), nameof(ConnectTimeout), ConnectTimeout, "1 s .. 1 min");
        Require(StatementTimeout >= TimeSpan.FromSeconds(1) && StatementTimeout <= TimeSpan.FromHours(1), nameof(StatementTimeout), StatementTimeout, "1 s .. 1 h");
        Require(IdleInTransactionTimeout >= TimeSpan.FromSeconds(1) && IdleInTransactionTimeout <= TimeSpan.FromHours(1), nameof(IdleInTransactionTimeout), IdleInTransactionTimeout, "1 s .. 1 h");
        Require(ApplicationName.Length is >= 1 and <= 63 && ApplicationName.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.'), nameof(ApplicationName), ApplicationName, "1..63 letters, digits, '-', '_', '.'");
    }

    private static void Require(bool condition, string option, object value, string accepted)
    {
        if (!condition)
        {
            throw new ArgumentException($"PostgreSQL pool option {option} is '{value}'; it takes {accepted}");
        }
    }
}
