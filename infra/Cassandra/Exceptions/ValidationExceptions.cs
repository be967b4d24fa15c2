using System.Net;

namespace Cassandra;

/// <summary>Syntactically right but invalid (0x2200, 0x2300).</summary>
public class InvalidQueryException(string message, Exception? innerException = null) : QueryValidationException(message, innerException);

/// <summary>A syntax error in CQL (0x2000).</summary>
public sealed class SyntaxError(string message) : QueryValidationException(message);

/// <summary>The user may not do this (0x2100).</summary>
public sealed class UnauthorizedException(string message) : QueryValidationException(message);

/// <summary>A keyspace or table that is there already was to be created (0x2400).</summary>
public sealed class AlreadyExistsException(string keyspace, string? table)
    : QueryValidationException(string.IsNullOrEmpty(table) ? $"Keyspace {keyspace} already exists." : $"Table {keyspace}.{table} already exists.")
{
    public string Keyspace { get; } = keyspace;

    /// <summary>Null when it was a keyspace.</summary>
    public string? Table { get; } = string.IsNullOrEmpty(table) ? null : table;

    public bool WasTableCreation => Table is not null;
}

/// <summary>A .NET value does not fit its CQL type, or the reverse.</summary>
public sealed class InvalidTypeException(string message, Exception? innerException = null) : QueryValidationException(message, innerException);

/// <summary>The server does not know a prepared statement's id (0x2500); the cluster layer prepares again.</summary>
internal sealed class UnpreparedQuery(string message, byte[] unknownId) : QueryValidationException(message)
{
    public byte[] UnknownId { get; } = unknownId;
}

/// <summary>The server found a message of ours against the protocol (0x000A).</summary>
public sealed class ProtocolErrorException(string message) : DriverException(message);

/// <summary>Authentication was required and failed, or no credentials were configured (0x0100).</summary>
public sealed class AuthenticationException(string message, IPEndPoint? host = null) : DriverException(message)
{
    /// <summary>The node that refused, where known.</summary>
    public IPEndPoint? Host { get; } = host;
}
