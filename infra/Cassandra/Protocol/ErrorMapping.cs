using System.Net;

namespace Cassandra.Protocol;

/// <summary>The one place where a server's error becomes an exception.</summary>
internal static class ErrorMapping
{
    public static DriverException ToException(this ErrorResponse error, IPEndPoint? host = null) => (error.Code, error.Details) switch
    {
        (ErrorCode.Unavailable, UnavailableDetails d) => new UnavailableException(d.Consistency, d.Required, d.Alive),
        (ErrorCode.WriteTimeout, WriteTimeoutDetails d) => new WriteTimeoutException(d.Consistency, d.Received, d.BlockFor, d.WriteType),
        (ErrorCode.CasWriteUnknown, CasWriteUnknownDetails d) => new WriteTimeoutException(d.Consistency, d.Received, d.BlockFor, "CAS"),
        (ErrorCode.ReadTimeout, ReadTimeoutDetails d) => new ReadTimeoutException(d.Consistency, d.Received, d.BlockFor, d.DataPresent),
        (ErrorCode.ReadFailure, ReadFailureDetails d) => new ReadFailureException(d.Consistency, d.Received, d.BlockFor, d.DataPresent, d.Reasons),
        (ErrorCode.WriteFailure, WriteFailureDetails d) => new WriteFailureException(d.Consistency, d.Received, d.BlockFor, d.WriteType, d.Reasons),
        (ErrorCode.AlreadyExists, AlreadyExistsDetails d) => new AlreadyExistsException(d.Keyspace, d.Table),
        (ErrorCode.Unprepared, UnpreparedDetails d) => new UnpreparedQuery(error.Message, d.Id),
        (ErrorCode.FunctionFailure, _) => new FunctionFailureException(error.Message),
        (ErrorCode.ProtocolError, _) => new ProtocolErrorException(error.Message),
        (ErrorCode.AuthenticationError, _) => new AuthenticationException(error.Message, host),
        (ErrorCode.Overloaded, _) => new OverloadedException(error.Message),
        (ErrorCode.IsBootstrapping, _) => new IsBootstrappingException(error.Message),
        (ErrorCode.TruncateError, _) => new TruncateException(error.Message),
        (ErrorCode.SyntaxError, _) => new SyntaxError(error.Message),
        (ErrorCode.Unauthorized, _) => new UnauthorizedException(error.Message),
        (ErrorCode.Invalid or ErrorCode.ConfigError, _) => new InvalidQueryException(error.Message),
        _ => new ServerErrorException(error.Message),
    };
}
