using System.Text.Json;
using Google.Protobuf.Reflection;
using StreamPlatform.Registry.Proto;

namespace StreamPlatform.Registry.State;

/// <summary>
/// What the state topic says, in memory. Records are applied in log order by the reader; queries come from requests. One lock: a
/// registry is small and its clients cache.
/// </summary>
internal sealed class RegistryState
{
    private const string NoSubject = ""; // key of the global setting

    private readonly Lock gate = new();
    private readonly Dictionary<string, SortedDictionary<int, StoredSchema>> subjects = new(StringComparer.Ordinal);
    private readonly SortedDictionary<int, StoredSchema> byId = [];
    private readonly Dictionary<string, string> levels = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> modes = new(StringComparer.Ordinal);
    private readonly Dictionary<int, CompiledSchema> compiled = [];
    private readonly Dictionary<string, int> idByIdentity = new(StringComparer.Ordinal);
    private readonly HashSet<int> notIndexed = [];
    private int maxId;
    private int versionCount;

    /// <summary>Applies one record; false when it is not understood (it is then left alone).</summary>
    public bool Apply(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, bool isTombstone)
    {
        lock (gate)
        {
            try
            {
                if (TopicRecords.DecodeKey(key) is not { } k)
                {
                    return false;
                }

                switch (k.KeyType)
                {
                    case TopicRecords.SchemaKey when isTombstone:
                        Remove(k.Subject ?? "", k.Version);
                        return true;
                    case TopicRecords.SchemaKey:
                        return TopicRecords.DecodeSchema(value) is { } schema && Put(schema);
                    case TopicRecords.ConfigKey:
                        return Set(levels, k.Subject, isTombstone ? null : TopicRecords.DecodeText(value, "compatibilityLevel"));
                    case TopicRecords.ModeKey:
                        return Set(modes, k.Subject, isTombstone ? null : TopicRecords.DecodeText(value, "mode"));
                    case TopicRecords.DeleteSubjectKey:
                        return isTombstone || SoftDelete(k.Subject ?? "", TopicRecords.DecodeNumber(value, "version") ?? int.MaxValue);
                    default:
                        return k.KeyType is "NOOP" or "CLEAR_SUBJECT";
                }
            }
            catch (Exception e) when (e is JsonException or FormatException or InvalidOperationException)
            {
                return false;
            }
        }
    }

    /// <summary>Highest id given so far, 0 when none.</summary>
    public int MaxId
    {
        get
        {
            lock (gate)
            {
                return maxId;
            }
        }
    }

    /// <summary>Versions over all subjects, deleted ones included.</summary>
    public int VersionCount
    {
        get
        {
            lock (gate)
            {
                return versionCount;
            }
        }
    }

    public IReadOnlyList<string> Subjects(bool deleted)
    {
        lock (gate)
        {
            return [.. subjects.Where(s => deleted || s.Value.Values.Any(v => !v.Deleted)).Select(s => s.Key).Order(StringComparer.Ordinal)];
        }
    }

    /// <summary>Versions of a subject, ascending; empty when it is unknown.</summary>
    public IReadOnlyList<StoredSchema> Versions(string subject, bool deleted)
    {
        lock (gate)
        {
            return subjects.TryGetValue(subject, out SortedDictionary<int, StoredSchema>? versions)
                ? [.. versions.Values.Where(v => deleted || !v.Deleted)]
                : [];
        }
    }

    public StoredSchema? ById(int id)
    {
        lock (gate)
        {
            return byId.GetValueOrDefault(id);
        }
    }

    public IReadOnlyList<StoredSchema> VersionsWithId(int id, bool deleted)
    {
        lock (gate)
        {
            return
            [
                .. subjects.OrderBy(s => s.Key, StringComparer.Ordinal).SelectMany(s => s.Value.Values)
                    .Where(v => v.Id == id && (deleted || !v.Deleted)),
            ];
        }
    }

    /// <summary>Ids of the schemas that refer to a version.</summary>
    public IReadOnlyList<int> ReferencedBy(string subject, int version)
    {
        lock (gate)
        {
            return
            [
                .. subjects.Values.SelectMany(s => s.Values)
                    .Where(v => !v.Deleted && v.References.Any(r => r.Subject == subject && r.Version == version))
                    .Select(v => v.Id).Distinct().Order(),
            ];
        }
    }

    /// <summary>Compatibility level set for a subject, or for all (null); null when none is.</summary>
    public string? Level(string? subject)
    {
        lock (gate)
        {
            return levels.GetValueOrDefault(subject ?? NoSubject);
        }
    }

    /// <summary>Mode set for a subject, or for all (null); null when none is.</summary>
    public string? Mode(string? subject)
    {
        lock (gate)
        {
            return modes.GetValueOrDefault(subject ?? NoSubject);
        }
    }

    /// <summary>Checks a schema together with what it references, and gives what it is known by.</summary>
    /// <exception cref="InvalidSchemaException">It is none, or a reference is missing.</exception>
    public (CompiledSchema Schema, string Identity) Compile(string text, IReadOnlyList<StoredReference> references)
    {
        lock (gate)
        {
            CompiledSchema schema = ProtoCompiler.Compile(text, Imports(references));
            return (schema, Identity(schema, references));
        }
    }

    /// <summary>The complete descriptor of a stored schema.</summary>
    /// <exception cref="InvalidSchemaException">It cannot be read (a topic that another registry has written).</exception>
    public CompiledSchema Compiled(StoredSchema schema)
    {
        lock (gate)
        {
            return CompileStored(schema);
        }
    }

    /// <summary>Id of an equal schema under any subject; null when there is none.</summary>
    public int? IdOf(string identity)
    {
        lock (gate)
        {
            foreach (int id in notIndexed.Order().ToArray())
            {
                Index(id);
            }

            return idByIdentity.TryGetValue(identity, out int known) ? known : null;
        }
    }

    private void Index(int id)
    {
        notIndexed.Remove(id);
        StoredSchema schema = byId[id];
        if (schema.SchemaType != StoredSchema.Protobuf)
        {
            return;
        }

        try
        {
            idByIdentity.TryAdd(Identity(CompileStored(schema), schema.References), id);
        }
        catch (InvalidSchemaException)
        {
            // unreadable here, still served by its id; no new schema can be equal to it
        }
    }

    private CompiledSchema CompileStored(StoredSchema schema)
    {
        if (!compiled.TryGetValue(schema.Id, out CompiledSchema? known))
        {
            compiled[schema.Id] = known = ProtoCompiler.Compile(schema.Text, Imports(schema.References));
        }

        return known;
    }

    private Dictionary<string, FileDescriptorProto> Imports(IReadOnlyList<StoredReference> references)
    {
        var imports = new Dictionary<string, FileDescriptorProto>(StringComparer.Ordinal);
        AddImports(references, imports);
        return imports;
    }

    private void AddImports(IReadOnlyList<StoredReference> references, Dictionary<string, FileDescriptorProto> imports)
    {
        foreach (StoredReference reference in references)
        {
            if (imports.ContainsKey(reference.Name))
            {
                continue;
            }

            StoredSchema import = subjects.TryGetValue(reference.Subject, out SortedDictionary<int, StoredSchema>? versions)
                && versions.TryGetValue(reference.Version, out StoredSchema? found)
                    ? found
                    : throw new InvalidSchemaException($"No schema reference found for subject \"{reference.Subject}\" and version {reference.Version}");
            imports[reference.Name] = CompileStored(import).File;
            AddImports(import.References, imports);
        }
    }

    private static string Identity(CompiledSchema schema, IReadOnlyList<StoredReference> references) =>
        string.Join('\n', references.OrderBy(r => r.Name, StringComparer.Ordinal).Select(r => $"{r.Name} {r.Subject} {r.Version}")) + "\n" + schema.CanonicalText;

    private bool Put(StoredSchema schema)
    {
        if (!subjects.TryGetValue(schema.Subject, out SortedDictionary<int, StoredSchema>? versions))
        {
            subjects[schema.Subject] = versions = [];
        }

        versionCount += versions.ContainsKey(schema.Version) ? 0 : 1;
        versions[schema.Version] = schema;
        maxId = Math.Max(maxId, schema.Id);
        if (byId.TryAdd(schema.Id, schema))
        {
            notIndexed.Add(schema.Id);
        }

        return true;
    }

    private void Remove(string subject, int version)
    {
        if (!subjects.TryGetValue(subject, out SortedDictionary<int, StoredSchema>? versions) || !versions.Remove(version, out StoredSchema? removed))
        {
            return;
        }

        versionCount--;
        if (versions.Count == 0)
        {
            subjects.Remove(subject);
        }

        if (subjects.Values.SelectMany(s => s.Values).FirstOrDefault(v => v.Id == removed.Id) is { } other)
        {
            byId[removed.Id] = other;
            return;
        }

        byId.Remove(removed.Id);
        compiled.Remove(removed.Id);
        notIndexed.Remove(removed.Id);
        foreach (string identity in idByIdentity.Where(e => e.Value == removed.Id).Select(e => e.Key).ToArray())
        {
            idByIdentity.Remove(identity);
        }
    }

    private bool SoftDelete(string subject, int upTo)
    {
        if (subjects.TryGetValue(subject, out SortedDictionary<int, StoredSchema>? versions))
        {
            foreach (StoredSchema version in versions.Values.Where(v => v.Version <= upTo).ToArray())
            {
                versions[version.Version] = version with { Deleted = true };
            }
        }

        return true;
    }

    private static bool Set(Dictionary<string, string> settings, string? subject, string? value)
    {
        if (value is null)
        {
            settings.Remove(subject ?? NoSubject);
        }
        else
        {
            settings[subject ?? NoSubject] = value;
        }

        return true;
    }
}
