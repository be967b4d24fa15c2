using Confluent.Kafka;
using Microsoft.Extensions.Logging;
using StreamPlatform.Registry.Api;
using StreamPlatform.Registry.Proto;
using StreamPlatform.Registry.State;

namespace StreamPlatform.Registry;

/// <summary>
/// The registry's rules over its state: what registering, looking up, deleting and settings mean. Writes go one at a time; each is in
/// Kafka and read back before it is acknowledged. Compatibility levels are kept but not enforced yet: any valid schema is accepted.
/// </summary>
public sealed class RegistryService : IAsyncDisposable
{
    private static readonly string[] Modes = ["READWRITE", "READONLY", "IMPORT"];

    private readonly RegistryOptions options;
    private readonly RegistryState state = new();
    private readonly SchemasTopic topic;
    private readonly SemaphoreSlim writes = new(1, 1);

    public RegistryService(RegistryOptions options, TimeProvider time, ILogger<RegistryService> logger)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        this.options = options;
        topic = new(options, state, time, logger);
    }

    /// <summary>True from the end of the first read on, until the topic cannot be read any more.</summary>
    public bool IsReady { get; private set; }

    /// <summary>Why it is not ready; null when it is.</summary>
    public string? Failure => topic.Failure ?? (IsReady ? null : $"topic {options.Topic} is being read");

    /// <summary>Reads the state topic to its end.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await topic.StartAsync(cancellationToken).ConfigureAwait(false);
        IsReady = true;
    }

    public async ValueTask DisposeAsync()
    {
        IsReady = false;
        await topic.DisposeAsync().ConfigureAwait(false);
        writes.Dispose();
    }

    internal int MaxRequestBytes => options.MaxRequestBytes;

    internal IReadOnlyList<string> Subjects(bool deleted) => state.Subjects(deleted);

    internal IReadOnlyList<StoredSchema> Versions(string subject, bool deleted)
    {
        IReadOnlyList<StoredSchema> versions = state.Versions(subject, deleted);
        return versions.Count > 0 ? versions : throw ApiException.SubjectNotFound(subject);
    }

    /// <param name="subject">Subject.</param>
    /// <param name="version">A number, "latest" or "-1".</param>
    /// <param name="deleted">Soft-deleted ones too.</param>
    internal StoredSchema Version(string subject, string version, bool deleted)
    {
        bool latest = version is "latest" or "-1";
        int number = 0;
        if (!latest && (!int.TryParse(version, out number) || number < 1))
        {
            throw ApiException.InvalidVersion(version);
        }

        IReadOnlyList<StoredSchema> versions = Versions(subject, deleted);
        return latest ? versions[^1] : versions.FirstOrDefault(v => v.Version == number) ?? throw ApiException.VersionNotFound(number);
    }

    internal StoredSchema ById(int id) => state.ById(id) ?? throw ApiException.SchemaNotFound(id);

    internal IReadOnlyList<StoredSchema> VersionsWithId(int id, bool deleted)
    {
        ById(id);
        return state.VersionsWithId(id, deleted);
    }

    internal IReadOnlyList<int> ReferencedBy(StoredSchema schema) => state.ReferencedBy(schema.Subject, schema.Version);

    /// <summary>A stored schema as its clients want it: text, or ("serialized") a base64 FileDescriptorProto.</summary>
    internal string Text(StoredSchema schema, string? format)
    {
        if (format != "serialized" || schema.SchemaType != StoredSchema.Protobuf)
        {
            return schema.Text;
        }

        try
        {
            return state.Compiled(schema).Serialized;
        }
        catch (InvalidSchemaException e)
        {
            throw ApiException.InvalidSchema(e.Message);
        }
    }

    /// <summary>The version of a subject that an equal schema has; comments and layout do not count.</summary>
    internal StoredSchema Lookup(string subject, string schemaType, string text, IReadOnlyList<StoredReference> references, bool deleted)
    {
        IReadOnlyList<StoredSchema> versions = Versions(subject, deleted);
        return Find(versions, Compile(schemaType, text, references).Identity) ?? throw ApiException.SchemaNotFound();
    }

    /// <summary>Adds a schema as the newest version of a subject, or finds it there.</summary>
    internal async Task<StoredSchema> RegisterAsync(
        string subject, string schemaType, string text, IReadOnlyList<StoredReference> references, CancellationToken cancellationToken)
    {
        (CompiledSchema compiled, string identity) = Compile(schemaType, text, references);
        await writes.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (Find(state.Versions(subject, deleted: false), identity) is { } known)
            {
                return known;
            }

            CheckWritable(subject);
            if (state.VersionCount >= options.MaxSchemaVersions)
            {
                throw ApiException.InvalidRequest($"the registry holds {options.MaxSchemaVersions} schema versions: delete some or raise MaxSchemaVersions");
            }

            IReadOnlyList<StoredSchema> all = state.Versions(subject, deleted: true);
            var schema = new StoredSchema(
                subject, all.Count == 0 ? 1 : all[^1].Version + 1, state.IdOf(identity) ?? state.MaxId + 1,
                StoredSchema.Protobuf, references, Storable(text, compiled, references), Deleted: false);
            await WriteAsync(TopicRecords.EncodeSchemaKey(subject, schema.Version), TopicRecords.EncodeSchema(schema), cancellationToken).ConfigureAwait(false);
            StoredSchema? readBack = state.Versions(subject, deleted: false).FirstOrDefault(v => v.Version == schema.Version);
            return readBack?.Id == schema.Id && readBack.Text == schema.Text
                ? readBack
                : throw ApiException.Store($"version {schema.Version} of {subject} was overwritten: is another registry writing to topic {options.Topic}?");
        }
        finally
        {
            writes.Release();
        }
    }

    /// <summary>Deletes one version: softly, or for good once it is softly deleted.</summary>
    internal async Task<int> DeleteVersionAsync(string subject, string version, bool permanent, CancellationToken cancellationToken)
    {
        await writes.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            StoredSchema schema = Version(subject, version, deleted: permanent);
            CheckWritable(subject);
            CheckUnreferenced(schema);
            if (permanent && !schema.Deleted)
            {
                throw ApiException.VersionNotSoftDeleted(subject, schema.Version);
            }

            byte[]? value = permanent ? null : TopicRecords.EncodeSchema(schema with { Deleted = true });
            await WriteAsync(TopicRecords.EncodeSchemaKey(subject, schema.Version), value, cancellationToken).ConfigureAwait(false);
            return schema.Version;
        }
        finally
        {
            writes.Release();
        }
    }

    /// <summary>Deletes all versions of a subject; returns their numbers.</summary>
    internal async Task<IReadOnlyList<int>> DeleteSubjectAsync(string subject, bool permanent, CancellationToken cancellationToken)
    {
        await writes.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            IReadOnlyList<StoredSchema> versions = Versions(subject, deleted: permanent);
            CheckWritable(subject);
            foreach (StoredSchema version in versions)
            {
                CheckUnreferenced(version);
                if (permanent && !version.Deleted)
                {
                    throw ApiException.SubjectNotSoftDeleted(subject);
                }
            }

            if (!permanent)
            {
                await WriteAsync(
                    TopicRecords.EncodeSettingKey(TopicRecords.DeleteSubjectKey, subject),
                    TopicRecords.EncodeDeleteSubject(subject, versions[^1].Version), cancellationToken).ConfigureAwait(false);
            }

            // the versions themselves as well: a DELETE_SUBJECT record alone could outlive, or hide, a later re-registration
            foreach (StoredSchema version in versions)
            {
                byte[]? value = permanent ? null : TopicRecords.EncodeSchema(version with { Deleted = true });
                await WriteAsync(TopicRecords.EncodeSchemaKey(subject, version.Version), value, cancellationToken).ConfigureAwait(false);
            }

            return [.. versions.Select(v => v.Version)];
        }
        finally
        {
            writes.Release();
        }
    }

    /// <param name="subject">Subject; null for the registry's own level.</param>
    /// <param name="orGlobal">Answer with the registry's level where the subject has none.</param>
    internal string Level(string? subject, bool orGlobal)
    {
        string? level = state.Level(subject);
        return level is not null || subject is null || orGlobal
            ? level ?? state.Level(null) ?? options.DefaultCompatibility
            : throw ApiException.NoSubjectLevel(subject);
    }

    internal async Task<string> SetLevelAsync(string? subject, string? level, CancellationToken cancellationToken)
    {
        string set = RegistryOptions.CompatibilityLevels.FirstOrDefault(l => l.Equals(level, StringComparison.OrdinalIgnoreCase)) ?? throw ApiException.InvalidLevel(level);
        await WriteSettingAsync(TopicRecords.ConfigKey, subject, TopicRecords.EncodeConfig(subject, set), cancellationToken).ConfigureAwait(false);
        return set;
    }

    /// <summary>Removes a level; returns the one that was in force.</summary>
    internal async Task<string> DeleteLevelAsync(string? subject, CancellationToken cancellationToken)
    {
        string level = Level(subject, orGlobal: false);
        await WriteSettingAsync(TopicRecords.ConfigKey, subject, null, cancellationToken).ConfigureAwait(false);
        return level;
    }

    /// <inheritdoc cref="Level"/>
    internal string Mode(string? subject, bool orGlobal)
    {
        string? mode = state.Mode(subject);
        return mode is not null || subject is null || orGlobal
            ? mode ?? state.Mode(null) ?? Modes[0]
            : throw ApiException.NoSubjectMode(subject);
    }

    internal async Task<string> SetModeAsync(string? subject, string? mode, CancellationToken cancellationToken)
    {
        string set = Modes.FirstOrDefault(m => m.Equals(mode, StringComparison.OrdinalIgnoreCase)) ?? throw ApiException.InvalidMode(mode);
        await WriteSettingAsync(TopicRecords.ModeKey, subject, TopicRecords.EncodeMode(subject, set), cancellationToken).ConfigureAwait(false);
        return set;
    }

    private async Task WriteSettingAsync(string keyType, string? subject, byte[]? value, CancellationToken cancellationToken)
    {
        await writes.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            await WriteAsync(TopicRecords.EncodeSettingKey(keyType, subject), value, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            writes.Release();
        }
    }

    private async Task WriteAsync(byte[] key, byte[]? value, CancellationToken cancellationToken)
    {
        try
        {
            await topic.WriteAsync(key, value, cancellationToken).ConfigureAwait(false);
        }
        catch (KafkaException e)
        {
            throw ApiException.Store(e.Error.Reason);
        }
        catch (TimeoutException e)
        {
            throw ApiException.TimedOut(e.Message);
        }
    }

    private (CompiledSchema Schema, string Identity) Compile(string schemaType, string text, IReadOnlyList<StoredReference> references)
    {
        if (schemaType != StoredSchema.Protobuf)
        {
            throw ApiException.InvalidSchema($"schema type {schemaType} is not supported, only {StoredSchema.Protobuf}");
        }

        try
        {
            return state.Compile(text, references);
        }
        catch (InvalidSchemaException e)
        {
            throw ApiException.InvalidSchema(e.Message);
        }
    }

    /// <summary>Source is kept as sent, comments and all; a descriptor becomes source where that loses nothing.</summary>
    private string Storable(string text, CompiledSchema compiled, IReadOnlyList<StoredReference> references)
    {
        if (text.Contains(';', StringComparison.Ordinal))
        {
            return text; // base64 has no semicolon
        }

        try
        {
            return state.Compile(compiled.CanonicalText, references).Schema.CanonicalText == compiled.CanonicalText ? compiled.CanonicalText : text;
        }
        catch (InvalidSchemaException)
        {
            return text;
        }
    }

    private StoredSchema? Find(IReadOnlyList<StoredSchema> versions, string identity) =>
        state.IdOf(identity) is { } id ? versions.LastOrDefault(v => v.Id == id) : null;

    private void CheckWritable(string subject)
    {
        if (Mode(subject, orGlobal: true) == "READONLY")
        {
            throw ApiException.ReadOnly(subject);
        }
    }

    private void CheckUnreferenced(StoredSchema schema)
    {
        if (state.ReferencedBy(schema.Subject, schema.Version).Count > 0)
        {
            throw ApiException.ReferenceExists(schema.Subject, schema.Version);
        }
    }
}
