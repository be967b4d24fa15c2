using Google.Protobuf.Reflection;

namespace StreamPlatform.Schemas;

/// <summary>Puts a .proto file and the files it imports into a registry, the way Confluent's serializers do.</summary>
internal static class SchemaRegistrar
{
    /// <summary>Subject of a topic's values (or keys) by the topic name strategy.</summary>
    public static string Subject(string topic, bool isKey) => topic + (isKey ? "-key" : "-value");

    /// <summary>
    /// The schema of a file with references to its imports. Each import is a subject of its own, named by its import path, and is
    /// registered first (or, with <paramref name="register"/> false, must be there).
    /// Complete at once when the client has every answer cached.
    /// </summary>
    public static async Task<Schema> ResolveAsync(
        ISchemaRegistryClient client, FileDescriptor file, bool register, CancellationToken cancellationToken)
    {
        var references = new List<SchemaReference>();
        foreach (FileDescriptor import in file.Dependencies)
        {
            if (ProtoSource.IsWellKnown(import.Name))
            {
                continue;
            }

            Schema imported = await ResolveAsync(client, import, register, cancellationToken).ConfigureAwait(false);
            if (register)
            {
                await client.RegisterSchemaAsync(import.Name, imported, cancellationToken).ConfigureAwait(false);
            }

            RegisteredSchema registered = await client.LookupSchemaAsync(import.Name, imported, cancellationToken).ConfigureAwait(false);
            references.Add(new SchemaReference(import.Name, import.Name, registered.Version));
        }

        return new Schema(ProtoSource.TextOf(file), references);
    }

    /// <summary>Id of a file's schema under a subject, registering it if asked to.</summary>
    public static async Task<int> IdAsync(
        ISchemaRegistryClient client, string subject, FileDescriptor file, bool register, CancellationToken cancellationToken)
    {
        Schema schema = await ResolveAsync(client, file, register, cancellationToken).ConfigureAwait(false);
        return register
            ? await client.RegisterSchemaAsync(subject, schema, cancellationToken).ConfigureAwait(false)
            : await client.GetSchemaIdAsync(subject, schema, cancellationToken).ConfigureAwait(false);
    }
}
