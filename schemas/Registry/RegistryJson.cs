using System.Text.Json.Serialization;

namespace StreamPlatform.Schemas;

/// <summary>Bodies of Confluent's REST API, as they are on the wire.</summary>
internal sealed record ReferenceBody(
    [property: JsonPropertyName("name")] string Name,
    [property: JsonPropertyName("subject")] string Subject,
    [property: JsonPropertyName("version")] int Version)
{
    public SchemaReference ToReference() => new(Name, Subject, Version);
}

internal sealed record SchemaBody(
    [property: JsonPropertyName("subject"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Subject,
    [property: JsonPropertyName("version"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] int? Version,
    [property: JsonPropertyName("id"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] int? Id,
    [property: JsonPropertyName("schemaType"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? SchemaType,
    [property: JsonPropertyName("references"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<ReferenceBody>? References,
    [property: JsonPropertyName("schema"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Text)
{
    public static SchemaBody Of(Schema schema) => new(
        null, null, null, schema.SchemaType,
        [.. schema.References.Select(r => new ReferenceBody(r.Name, r.Subject, r.Version))],
        schema.SchemaString);

    public Schema ToSchema() => new(Text ?? "", ToReferences(), SchemaType ?? "AVRO");

    public RegisteredSchema ToRegistered() =>
        new(Subject ?? "", Version ?? 0, Id ?? 0, Text ?? "", ToReferences(), SchemaType ?? "AVRO");

    private IReadOnlyList<SchemaReference> ToReferences() => [.. (References ?? []).Select(r => r.ToReference())];
}

internal sealed record ErrorBody(
    [property: JsonPropertyName("error_code")] int ErrorCode,
    [property: JsonPropertyName("message")] string? Message);
