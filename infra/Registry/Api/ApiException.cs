namespace StreamPlatform.Registry.Api;

/// <summary>An error answer with Confluent's code; the HTTP status is its first three digits.</summary>
internal sealed class ApiException(int errorCode, string message) : Exception(message)
{
    public int ErrorCode { get; } = errorCode;

    public int Status { get; } = errorCode < 1000 ? errorCode : errorCode / 100;

    public static ApiException SubjectNotFound(string subject) => new(40401, $"Subject '{subject}' not found.");

    public static ApiException VersionNotFound(int version) => new(40402, $"Version {version} not found.");

    public static ApiException SchemaNotFound() => new(40403, "Schema not found");

    public static ApiException SchemaNotFound(int id) => new(40403, $"Schema {id} not found");

    public static ApiException SubjectNotSoftDeleted(string subject) =>
        new(40405, $"Subject '{subject}' was not deleted first before being permanently deleted");

    public static ApiException VersionNotSoftDeleted(string subject, int version) =>
        new(40407, $"Subject '{subject}' Version {version} was not deleted first before being permanently deleted");

    public static ApiException NoSubjectLevel(string subject) =>
        new(40408, $"Subject '{subject}' does not have subject-level compatibility configured");

    public static ApiException NoSubjectMode(string subject) => new(40409, $"Subject '{subject}' does not have subject-level mode configured");

    public static ApiException InvalidSchema(string reason) => new(42201, "Invalid schema: " + reason);

    public static ApiException InvalidVersion(string version) => new(
        42202, $"The specified version '{version}' is not a valid version id. Allowed values are between [1, 2^31-1] and the string \"latest\"");

    public static ApiException InvalidLevel(string? level) => new(
        42203, $"Invalid compatibility level '{level}'. Valid values are {string.Join(", ", RegistryOptions.CompatibilityLevels)}");

    public static ApiException InvalidMode(string? mode) => new(42204, $"Invalid mode '{mode}'. Valid values are READWRITE, READONLY, IMPORT");

    public static ApiException ReadOnly(string subject) => new(42205, $"Subject {subject} is in read-only mode");

    public static ApiException ReferenceExists(string subject, int version) => new(
        42206, $"One or more references exist to the schema {{magic=1,keytype=SCHEMA,subject={subject},version={version}}}.");

    public static ApiException InvalidRequest(string reason) => new(422, reason);

    public static ApiException Store(string reason) => new(50001, "Error in the backend data store: " + reason);

    public static ApiException TimedOut(string reason) => new(50002, "Operation timed out: " + reason);
}
