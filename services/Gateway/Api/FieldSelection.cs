using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace StreamPlatform.Gateway.Api;

/// <summary>The fields of a row that a client asks for, by their JSON names; none named = all.</summary>
/// <typeparam name="T">The row.</typeparam>
internal sealed class FieldSelection<T>
{
    private readonly HashSet<string> chosen;

    private FieldSelection(HashSet<string> chosen) => this.chosen = chosen;

    /// <summary>All there are.</summary>
    public static IReadOnlyList<string> Names { get; } =
        [.. typeof(T).GetProperties(BindingFlags.Public | BindingFlags.Instance).Select(p => JsonNamingPolicy.CamelCase.ConvertName(p.Name))];

    /// <summary>Names separated by commas; null when one of them is none.</summary>
    public static FieldSelection<T>? Parse(string fields)
    {
        var names = fields.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return names.Length <= Names.Count && names.All(Names.Contains) ? new([.. names]) : null;
    }

    public object Apply(IReadOnlyList<T> rows) => chosen.Count == 0 ? rows : rows.Select(row =>
    {
        var all = JsonSerializer.SerializeToNode(row, GatewayJson.Options)!.AsObject();
        return new JsonObject(all.Where(field => chosen.Contains(field.Key)).Select(field => KeyValuePair.Create(field.Key, field.Value?.DeepClone())));
    }).ToArray();
}
