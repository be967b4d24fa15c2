namespace StreamPlatform.Registry.State;

/// <summary>An import of a schema: its path in the source, and where it is registered.</summary>
internal sealed record StoredReference(string Name, string Subject, int Version);

/// <summary>One version of a subject, as it is in the topic.</summary>
/// <param name="Subject">Subject.</param>
/// <param name="Version">From 1.</param>
/// <param name="Id">Id in the wire format; equal schemas share it over all subjects.</param>
/// <param name="SchemaType">"PROTOBUF"; others only in a topic that another registry has written.</param>
/// <param name="References">Imports.</param>
/// <param name="Text">.proto source, or a base64 FileDescriptorProto.</param>
/// <param name="Deleted">Soft-deleted: found by id still, by subject only when asked for.</param>
internal sealed record StoredSchema(
    string Subject, int Version, int Id, string SchemaType, IReadOnlyList<StoredReference> References, string Text, bool Deleted)
{
    public const string Protobuf = "PROTOBUF";
}
