using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace StreamPlatform.Registry.State;

/// <summary>
/// Keys and values of the state topic, in the JSON of Confluent's registry (io.confluent.kafka.schemaregistry.storage), so that either
/// can read what the other wrote.
/// </summary>
internal static class TopicRecords
{
    public const string SchemaKey = "SCHEMA";
    public const string ConfigKey = "CONFIG";
    public const string ModeKey = "MODE";
    public const string DeleteSubjectKey = "DELETE_SUBJECT";

    // schemas are text for people: '<' and quotes stay as they are
    private static readonly JsonSerializerOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static byte[] EncodeSchemaKey(string subject, int version) => Bytes(new JsonObject
    {
        ["keytype"] = SchemaKey, ["subject"] = subject, ["version"] = version, ["magic"] = 1,
    });

    public static byte[] EncodeSchema(StoredSchema schema)
    {
        var value = new JsonObject { ["subject"] = schema.Subject, ["version"] = schema.Version, ["id"] = schema.Id, ["schemaType"] = schema.SchemaType };
        if (schema.References.Count > 0)
        {
            value["references"] = References(schema.References);
        }

        value["schema"] = schema.Text;
        value["deleted"] = schema.Deleted;
        return Bytes(value);
    }

    public static byte[] EncodeSettingKey(string keyType, string? subject) =>
        Bytes(new JsonObject { ["keytype"] = keyType, ["subject"] = subject, ["magic"] = 0 });

    public static byte[] EncodeConfig(string? subject, string level) => Bytes(new JsonObject { ["subject"] = subject, ["compatibilityLevel"] = level });

    public static byte[] EncodeMode(string? subject, string mode) => Bytes(new JsonObject { ["subject"] = subject, ["mode"] = mode });

    public static byte[] EncodeDeleteSubject(string subject, int version) => Bytes(new JsonObject { ["subject"] = subject, ["version"] = version });

    public static JsonArray References(IEnumerable<StoredReference> references) =>
        new([.. references.Select(r => (JsonNode)new JsonObject { ["name"] = r.Name, ["subject"] = r.Subject, ["version"] = r.Version })]);

    /// <summary>Parses a key; null when it is none of the registry's.</summary>
    public static (string KeyType, string? Subject, int Version)? DecodeKey(ReadOnlySpan<byte> key)
    {
        JsonObject? json = Parse(key);
        return json?["keytype"] is JsonValue type && type.TryGetValue(out string? keyType)
            ? (keyType, (string?)json["subject"], (int?)json["version"] ?? 0)
            : null;
    }

    /// <summary>Parses the value of a SCHEMA record; null when it is none.</summary>
    public static StoredSchema? DecodeSchema(ReadOnlySpan<byte> value)
    {
        JsonObject? json = Parse(value);
        if (json?["subject"] is null || json["version"] is null || json["id"] is null || json["schema"] is null)
        {
            return null;
        }

        return new(
            (string)json["subject"]!, (int)json["version"]!, (int)json["id"]!, (string?)json["schemaType"] ?? "AVRO",
            ReadReferences(json["references"] as JsonArray), (string)json["schema"]!, (bool?)json["deleted"] ?? false);
    }

    /// <summary>One text field of a value; null when it is not there.</summary>
    public static string? DecodeText(ReadOnlySpan<byte> value, string field) => (string?)Parse(value)?[field];

    /// <summary>One number of a value; null when it is not there.</summary>
    public static int? DecodeNumber(ReadOnlySpan<byte> value, string field) => (int?)Parse(value)?[field];

    /// <exception cref="FormatException">A reference without name, subject or version.</exception>
    public static IReadOnlyList<StoredReference> ReadReferences(JsonArray? references)
    {
        var read = new List<StoredReference>();
        foreach (JsonNode? item in references ?? [])
        {
            read.Add(new(
                (string?)item?["name"] ?? throw new FormatException("a reference has no name"),
                (string?)item?["subject"] ?? throw new FormatException("a reference has no subject"),
                (int?)item?["version"] ?? throw new FormatException("a reference has no version")));
        }

        return read;
    }

    private static JsonObject? Parse(ReadOnlySpan<byte> json) => JsonNode.Parse(json) as JsonObject;

    private static byte[] Bytes(JsonObject json) => Encoding.UTF8.GetBytes(json.ToJsonString(Plain));
}
