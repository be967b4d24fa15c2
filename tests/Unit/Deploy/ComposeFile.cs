using System.Globalization;
using System.Text.Json.Nodes;
using StreamPlatform.Tests.Unit.House;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace StreamPlatform.Tests.Unit.Deploy;

/// <summary>docker-compose.kafka.yml as a tree.</summary>
internal sealed class ComposeFile
{
    private ComposeFile(JsonObject json) => Json = json;

    public JsonObject Json { get; }

    public static ComposeFile Load()
    {
        YamlStream yaml = [];
        using StreamReader reader = File.OpenText(Repository.File("docker-compose.kafka.yml"));
        yaml.Load(reader);
        return new(Convert(yaml.Documents[0].RootNode)!.AsObject());
    }

    public string Image(string service) => Json["services"]![service]!["image"]!.ToString();

    /// <summary>The environment of a service; numbers as they would be handed over.</summary>
    public IReadOnlyDictionary<string, string> Environment(string service) =>
        Json["services"]![service]!["environment"]!.AsObject().ToDictionary(each => each.Key, each => each.Value!.ToString());

    private static JsonNode? Convert(YamlNode node) => node switch
    {
        YamlMappingNode map => new JsonObject(map.Children.Select(child => KeyValuePair.Create(((YamlScalarNode)child.Key).Value!, Convert(child.Value)))),
        YamlSequenceNode list => new JsonArray([.. list.Children.Select(Convert)]),
        YamlScalarNode scalar => Convert(scalar),
        _ => throw new NotSupportedException($"YAML node {node.NodeType} at {node.Start}"),
    };

    // The core schema of YAML 1.2, as far as the file uses it.
    private static JsonNode? Convert(YamlScalarNode scalar)
    {
        string text = scalar.Value ?? "";
        if (scalar.Style is ScalarStyle.SingleQuoted or ScalarStyle.DoubleQuoted)
        {
            return JsonValue.Create(text);
        }
        return text switch
        {
            "" or "null" or "~" => null,
            "true" => JsonValue.Create(true),
            "false" => JsonValue.Create(false),
            _ when long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long number) => JsonValue.Create(number),
            _ => JsonValue.Create(text),
        };
    }
}
