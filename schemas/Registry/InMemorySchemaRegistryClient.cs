using System.Net;

namespace StreamPlatform.Schemas;

/// <summary>A registry inside the process, for tests and topology drivers: ids count from 1, nothing is checked, and every answer
/// is there at once, so that synchronous serializers need no warm-up.</summary>
public sealed class InMemorySchemaRegistryClient : ISchemaRegistryClient
{
    private readonly Lock gate = new();
    private readonly Dictionary<Schema, int> ids = [];
    private readonly Dictionary<string, List<RegisteredSchema>> subjects = new(StringComparer.Ordinal);

    public Task<int> RegisterSchemaAsync(string subject, Schema schema, CancellationToken cancellationToken = default)
    {
        lock (gate)
        {
            List<RegisteredSchema> versions = subjects.TryGetValue(subject, out List<RegisteredSchema>? known) ? known : subjects[subject] = [];
            if (Find(versions, schema) is { } registered)
            {
                return Task.FromResult(registered.Id);
            }

            if (!ids.TryGetValue(schema, out int id))
            {
                ids[schema] = id = ids.Count + 1;
            }

            versions.Add(new(subject, versions.Count + 1, id, schema.SchemaString, schema.References, schema.SchemaType));
            return Task.FromResult(id);
        }
    }

    public async Task<int> GetSchemaIdAsync(string subject, Schema schema, CancellationToken cancellationToken = default) =>
        (await LookupSchemaAsync(subject, schema, cancellationToken).ConfigureAwait(false)).Id;

    public Task<RegisteredSchema> LookupSchemaAsync(string subject, Schema schema, CancellationToken cancellationToken = default)
    {
        lock (gate)
        {
            return Task.FromResult(Find(Versions(subject), schema)
                ?? throw NotFound("Schema not found", SchemaRegistryException.SchemaNotFound));
        }
    }

    public Task<Schema> GetSchemaAsync(int id, string? format = null, CancellationToken cancellationToken = default)
    {
        lock (gate)
        {
            Schema? schema = ids.FirstOrDefault(e => e.Value == id).Key;
            return Task.FromResult(schema ?? throw NotFound($"Schema {id} not found", SchemaRegistryException.SchemaNotFound));
        }
    }

    public Task<RegisteredSchema> GetLatestSchemaAsync(string subject, CancellationToken cancellationToken = default)
    {
        lock (gate)
        {
            return Task.FromResult(Versions(subject)[^1]);
        }
    }

    public Task<RegisteredSchema> GetRegisteredSchemaAsync(string subject, int version, CancellationToken cancellationToken = default)
    {
        lock (gate)
        {
            return Task.FromResult(Versions(subject).Find(v => v.Version == version)
                ?? throw NotFound($"Version {version} not found.", SchemaRegistryException.VersionNotFound));
        }
    }

    public Task<IReadOnlyList<string>> GetAllSubjectsAsync(CancellationToken cancellationToken = default)
    {
        lock (gate)
        {
            return Task.FromResult<IReadOnlyList<string>>([.. subjects.Keys.Order(StringComparer.Ordinal)]);
        }
    }

    public Task<IReadOnlyList<int>> GetSubjectVersionsAsync(string subject, CancellationToken cancellationToken = default)
    {
        lock (gate)
        {
            return Task.FromResult<IReadOnlyList<int>>([.. Versions(subject).Select(v => v.Version)]);
        }
    }

    public void Dispose()
    {
    }

    private static RegisteredSchema? Find(List<RegisteredSchema> versions, Schema schema) =>
        versions.Find(v => v.SchemaString == schema.SchemaString && v.References.SequenceEqual(schema.References));

    private List<RegisteredSchema> Versions(string subject) =>
        subjects.TryGetValue(subject, out List<RegisteredSchema>? versions)
            ? versions
            : throw NotFound($"Subject '{subject}' not found.", SchemaRegistryException.SubjectNotFound);

    private static SchemaRegistryException NotFound(string message, int code) => new(message, HttpStatusCode.NotFound, code);
}
