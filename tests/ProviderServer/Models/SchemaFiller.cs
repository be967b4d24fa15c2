using System.Text.Json.Nodes;

namespace StreamPlatform.TestProvider;

/// <summary>Makes an instance of a JSON schema (types, enum, const, anyOf, $ref, bounds) out of values by name. Depth is bounded by 16.</summary>
internal sealed class SchemaFiller(JsonObject schema, SensibleValues values)
{
    private const int MaxDepth = 16;

    public JsonNode? Fill() => Fill(schema, "", 0, 0);

    private JsonNode? Fill(JsonObject node, string path, int index, int depth)
    {
        node = Resolve(node);
        if (depth > MaxDepth)
        {
            return null;
        }

        if (node["const"] is { } constant)
        {
            return constant.DeepClone();
        }

        if (node["enum"] is JsonArray options)
        {
            var texts = options.Where(o => o is not null).Select(o => o!.ToString()).ToList();
            var chosen = values.Choice(path, texts);
            return options.First(o => o?.ToString() == chosen)!.DeepClone();
        }

        if ((node["anyOf"] ?? node["oneOf"]) is JsonArray any)
        {
            return Fill(any.OfType<JsonObject>().First(o => Type(o) != "null"), path, index, depth + 1);
        }

        return Type(node) switch
        {
            "object" => Object(node, path, index, depth),
            "array" => Array(node, path, depth),
            "integer" => (long)Math.Round(values.Number(path, Bound(node, "minimum", 0), Bound(node, "maximum", 100))),
            "number" => Math.Round(values.Number(path, Bound(node, "minimum", 0), Bound(node, "maximum", 100)), 2),
            "boolean" => values.Flag(path),
            "null" => null,
            _ => Text(node, values.String(path, index)),
        };
    }

    private JsonObject Object(JsonObject node, string path, int index, int depth)
    {
        var filled = new JsonObject();
        foreach (var (name, property) in node["properties"] as JsonObject ?? [])
        {
            filled[name] = Fill(property as JsonObject ?? [], $"{path}.{name}", index, depth + 1);
        }

        return filled;
    }

    private JsonArray Array(JsonObject node, string path, int depth)
    {
        var count = values.Items(path, (int)Bound(node, "minItems", 0), (int)Bound(node, "maxItems", 50));
        return new JsonArray([.. Enumerable.Range(0, count).Select(i => Fill(node["items"] as JsonObject ?? [], path, i, depth + 1))]);
    }

    private static JsonValue Text(JsonObject node, string text) =>
        JsonValue.Create(text.Length > (int)Bound(node, "maxLength", int.MaxValue) ? text[..(int)Bound(node, "maxLength", 0)] : text);

    private static double Bound(JsonObject node, string name, double otherwise) => node[name]?.GetValue<double>() ?? otherwise;

    private static string Type(JsonObject node) => node["type"] switch
    {
        JsonArray several => several.Select(t => t!.GetValue<string>()).First(t => t != "null"),
        JsonValue one => one.GetValue<string>(),
        _ => node["properties"] is null ? "string" : "object",
    };

    // "#/$defs/Name"
    private JsonObject Resolve(JsonObject node)
    {
        for (var i = 0; i < MaxDepth && node["$ref"]?.GetValue<string>() is { } reference; i++)
        {
            JsonNode? target = schema;
            foreach (var step in reference.TrimStart('#').Split('/', StringSplitOptions.RemoveEmptyEntries))
            {
                target = target?[step];
            }

            node = target as JsonObject ?? [];
        }

        return node;
    }
}
