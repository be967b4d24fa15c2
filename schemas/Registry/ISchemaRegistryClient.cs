namespace StreamPlatform.Schemas;

/// <summary>A schema registry, named as in Confluent.SchemaRegistry. Answers that cannot change (ids, versions)
/// may be cached: a cached answer is there synchronously.</summary>
public interface ISchemaRegistryClient : IDisposable
{
    /// <summary>Registers a schema under a subject, or finds it there; returns its id.</summary>
    /// <exception cref="SchemaRegistryException">The registry refused, e.g. 409 incompatible, 42201 invalid.</exception>
    Task<int> RegisterSchemaAsync(string subject, Schema schema, CancellationToken cancellationToken = default);

    /// <summary>Id of a schema that is registered under a subject.</summary>
    /// <exception cref="SchemaRegistryException">40401 or 40403 when it is not.</exception>
    Task<int> GetSchemaIdAsync(string subject, Schema schema, CancellationToken cancellationToken = default);

    /// <summary>The registered form (with its version) of a schema under a subject.</summary>
    Task<RegisteredSchema> LookupSchemaAsync(string subject, Schema schema, CancellationToken cancellationToken = default);

    /// <summary>The schema with an id. <paramref name="format"/>: null for text, "serialized" for a base64 FileDescriptorProto.</summary>
    Task<Schema> GetSchemaAsync(int id, string? format = null, CancellationToken cancellationToken = default);

    /// <summary>The newest version under a subject; never cached.</summary>
    Task<RegisteredSchema> GetLatestSchemaAsync(string subject, CancellationToken cancellationToken = default);

    /// <summary>One version under a subject.</summary>
    Task<RegisteredSchema> GetRegisteredSchemaAsync(string subject, int version, CancellationToken cancellationToken = default);

    /// <summary>Names of all subjects.</summary>
    Task<IReadOnlyList<string>> GetAllSubjectsAsync(CancellationToken cancellationToken = default);

    /// <summary>Versions of a subject, ascending.</summary>
    Task<IReadOnlyList<int>> GetSubjectVersionsAsync(string subject, CancellationToken cancellationToken = default);
}
