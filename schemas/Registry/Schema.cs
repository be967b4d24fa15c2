namespace StreamPlatform.Schemas;

/// <summary>A reference from a schema to one it imports.</summary>
/// <param name="Name">Import path as written in the schema, e.g. "streamplatform/v1/common.proto".</param>
/// <param name="Subject">Subject under which the imported schema is registered.</param>
/// <param name="Version">Version within that subject, from 1.</param>
public sealed record SchemaReference(string Name, string Subject, int Version);

/// <summary>A schema as sent to a registry. Equal by content.</summary>
/// <param name="SchemaString">.proto source, or a base64 FileDescriptorProto (both are accepted by Confluent's registry).</param>
/// <param name="References">Imports, in the order of the import statements.</param>
/// <param name="SchemaType">"PROTOBUF".</param>
public record Schema(string SchemaString, IReadOnlyList<SchemaReference> References, string SchemaType = Schema.Protobuf)
{
    public const string Protobuf = "PROTOBUF";

    public virtual bool Equals(Schema? other) =>
        other is not null && SchemaString == other.SchemaString && SchemaType == other.SchemaType && References.SequenceEqual(other.References);

    public override int GetHashCode() => HashCode.Combine(SchemaString, SchemaType, References.Count);
}

/// <summary>A schema as a registry keeps it.</summary>
/// <param name="Subject">Subject.</param>
/// <param name="Version">Version within the subject, from 1.</param>
/// <param name="Id">Id, unique in the registry; the one in the wire format.</param>
/// <param name="SchemaString">Text of the schema.</param>
/// <param name="References">Imports.</param>
/// <param name="SchemaType">"PROTOBUF".</param>
public sealed record RegisteredSchema(
    string Subject, int Version, int Id, string SchemaString, IReadOnlyList<SchemaReference> References, string SchemaType = Schema.Protobuf)
    : Schema(SchemaString, References, SchemaType);
