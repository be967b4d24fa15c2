using System.Text.Json;
using System.Text.Json.Nodes;

namespace StreamPlatform.Tests.EndToEnd.Support;

/// <summary>What a JSON value is made of, without its values: every key in its order and the kind of what it holds.</summary>
public static class JsonShape
{
    /// <summary>Such as <c>{ok: bool, windows: [{start: number}]}</c>, elements of an array must be alike.</summary>
    /// <exception cref="InvalidOperationException">The elements of an array differ; shows how.</exception>
    public static string Of(JsonNode? node) => node switch
    {
        JsonObject map => "{" + string.Join(", ", map.Select(p => $"{p.Key}: {Of(p.Value)}")) + "}",
        JsonArray list => list.Select(Of).Distinct().ToList() switch
        {
            [] => "[]",
            [var only] => $"[{only}]",
            var differing => throw new InvalidOperationException($"the elements of {list.GetPath()} differ: {string.Join(" and ", differing)}"),
        },
        null => "null",
        _ => node.GetValueKind() switch
        {
            JsonValueKind.String => "text",
            JsonValueKind.Number => "number",
            JsonValueKind.True or JsonValueKind.False => "bool",
            var other => other.ToString(),
        },
    };
}
