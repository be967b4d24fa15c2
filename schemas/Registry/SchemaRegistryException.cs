using System.Net;

namespace StreamPlatform.Schemas;

/// <summary>An error answer of a schema registry.</summary>
public sealed class SchemaRegistryException(string message, HttpStatusCode status, int errorCode)
    : HttpRequestException(message + "; error code: " + errorCode, null, status)
{
    /// <summary>Subject not found.</summary>
    public const int SubjectNotFound = 40401;

    /// <summary>Version not found.</summary>
    public const int VersionNotFound = 40402;

    /// <summary>Schema not found.</summary>
    public const int SchemaNotFound = 40403;

    /// <summary>Confluent's code, e.g. 40401; the HTTP status when the answer had none.</summary>
    public int ErrorCode { get; } = errorCode;
}
