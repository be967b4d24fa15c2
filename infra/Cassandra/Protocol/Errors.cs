using System.Net;

namespace Cassandra.Protocol;

/// <summary>Error codes of the native protocol v5, section 9.</summary>
internal enum ErrorCode
{
    ServerError = 0x0000,
    ProtocolError = 0x000A,
    AuthenticationError = 0x0100,
    Unavailable = 0x1000,
    Overloaded = 0x1001,
    IsBootstrapping = 0x1002,
    TruncateError = 0x1003,
    WriteTimeout = 0x1100,
    ReadTimeout = 0x1200,
    ReadFailure = 0x1300,
    FunctionFailure = 0x1400,
    WriteFailure = 0x1500,
    CdcWriteFailure = 0x1600,
    CasWriteUnknown = 0x1700,
    SyntaxError = 0x2000,
    Unauthorized = 0x2100,
    Invalid = 0x2200,
    ConfigError = 0x2300,
    AlreadyExists = 0x2400,
    Unprepared = 0x2500,
}

/// <summary>What an error carries beyond its message.</summary>
internal abstract record ErrorDetails;

internal sealed record UnavailableDetails(ConsistencyLevel Consistency, int Required, int Alive) : ErrorDetails;

/// <summary><paramref name="Contentions"/>: of a CAS write, how often the Paxos round was contended.</summary>
internal sealed record WriteTimeoutDetails(ConsistencyLevel Consistency, int Received, int BlockFor, string WriteType, int? Contentions) : ErrorDetails;

internal sealed record ReadTimeoutDetails(ConsistencyLevel Consistency, int Received, int BlockFor, bool DataPresent) : ErrorDetails;

internal sealed record ReadFailureDetails(ConsistencyLevel Consistency, int Received, int BlockFor, IReadOnlyDictionary<IPAddress, int> Reasons, bool DataPresent) : ErrorDetails;

internal sealed record WriteFailureDetails(ConsistencyLevel Consistency, int Received, int BlockFor, IReadOnlyDictionary<IPAddress, int> Reasons, string WriteType) : ErrorDetails;

internal sealed record CasWriteUnknownDetails(ConsistencyLevel Consistency, int Received, int BlockFor) : ErrorDetails;

internal sealed record FunctionFailureDetails(string Keyspace, string Function, IReadOnlyList<string> ArgumentTypes) : ErrorDetails;

internal sealed record AlreadyExistsDetails(string Keyspace, string Table) : ErrorDetails;

internal sealed record UnpreparedDetails(byte[] Id) : ErrorDetails;
