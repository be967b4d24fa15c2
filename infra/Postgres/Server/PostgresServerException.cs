namespace StreamPlatform.Postgres.Server;

/// <summary>The PostgreSQL child could not be prepared, started or kept; the message names what to fix.</summary>
public sealed class PostgresServerException(string message, Exception? inner = null) : Exception(message, inner);
