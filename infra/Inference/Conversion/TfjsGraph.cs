using System.Text;
using System.Text.Json;

namespace StreamPlatform.Inference.Conversion;

/// <summary>A TensorFlow.js graph model: topology (model.json) with its weights (the binary files that the manifest names).</summary>
internal sealed class TfjsGraph
{
    private readonly Dictionary<string, TfjsWeight> _weights;

    private TfjsGraph(IReadOnlyList<TfjsNode> nodes, Dictionary<string, TfjsWeight> weights, IReadOnlyDictionary<string, string> outputNames)
    {
        Nodes = nodes;
        _weights = weights;
        OutputNames = outputNames;
    }

    /// <summary>Nodes in file order, which is not always topological.</summary>
    public IReadOnlyList<TfjsNode> Nodes { get; }

    /// <summary>From node to the name the signature gives that output; empty when the model has no signature.</summary>
    public IReadOnlyDictionary<string, string> OutputNames { get; }

    public TfjsWeight Weight(string node) => _weights.TryGetValue(node, out var weight)
        ? weight
        : throw new ModelConversionException($"no weight named '{node}' in the manifest");

    public bool IsWeight(string node) => _weights.ContainsKey(node);

    /// <param name="json">Contents of the model's .json file.</param>
    /// <param name="binary">Contents of the weight files, joined in the manifest's order.</param>
    public static TfjsGraph Parse(byte[] json, byte[] binary)
    {
        using var document = JsonDocument.Parse(json);
        var root = document.RootElement;
        var nodes = root.GetProperty("modelTopology").GetProperty("node").EnumerateArray().Select(TfjsNode.Parse).ToList();
        var weights = new Dictionary<string, TfjsWeight>();
        var offset = 0;
        foreach (var spec in root.GetProperty("weightsManifest").EnumerateArray().SelectMany(group => group.GetProperty("weights").EnumerateArray()))
        {
            var weight = TfjsWeight.Read(spec, binary.AsSpan(offset), out var length);
            weights.Add(weight.Name, weight);
            offset += length;
        }

        if (offset != binary.Length)
            throw new ModelConversionException($"the manifest describes {offset} bytes of weights, the files hold {binary.Length}");
        return new TfjsGraph(nodes, weights, ReadSignature(root));
    }

    /// <summary>Names of the weight files beside the .json file, in order.</summary>
    public static IReadOnlyList<string> WeightFiles(byte[] json)
    {
        using var document = JsonDocument.Parse(json);
        return [.. document.RootElement.GetProperty("weightsManifest").EnumerateArray()
            .SelectMany(group => group.GetProperty("paths").EnumerateArray())
            .Select(path => path.GetString()!)];
    }

    private static Dictionary<string, string> ReadSignature(JsonElement root)
    {
        var names = new Dictionary<string, string>();
        if (root.TryGetProperty("signature", out var signature) && signature.TryGetProperty("outputs", out var outputs))
        {
            foreach (var output in outputs.EnumerateObject())
                names[TfjsNode.WithoutPort(output.Value.GetProperty("name").GetString()!)] = output.Name;
        }

        return names;
    }
}

/// <summary>One node of the topology with its attributes, as TensorFlow's NodeDef in JSON (strings are base64, integers are text).</summary>
internal sealed record TfjsNode(string Name, string Op, IReadOnlyList<string> Inputs, JsonElement Attributes)
{
    public static TfjsNode Parse(JsonElement node)
    {
        var inputs = node.TryGetProperty("input", out var list)
            ? list.EnumerateArray().Select(input => WithoutPort(input.GetString()!)).ToArray()
            : [];
        var attributes = node.TryGetProperty("attr", out var attr) ? attr.Clone() : default;
        return new TfjsNode(node.GetProperty("name").GetString()!, node.GetProperty("op").GetString()!, inputs, attributes);
    }

    public static string WithoutPort(string input) => input.EndsWith(":0", StringComparison.Ordinal) ? input[..^2] : input;

    public string Text(string attribute) => Decode(Attribute(attribute).GetProperty("s"));

    public IReadOnlyList<string> Texts(string attribute) =>
        Attribute(attribute).GetProperty("list").TryGetProperty("s", out var list) ? [.. list.EnumerateArray().Select(Decode)] : [];

    public int[] Integers(string attribute) =>
        [.. Attribute(attribute).GetProperty("list").GetProperty("i").EnumerateArray().Select(value => int.Parse(value.GetString()!))];

    public bool Flag(string attribute) => Attributes.ValueKind == JsonValueKind.Object
        && Attributes.TryGetProperty(attribute, out var value) && value.TryGetProperty("b", out var flag) && flag.GetBoolean();

    /// <summary>Sizes of a placeholder; -1 where unknown.</summary>
    public int[] Shape() => [.. Attribute("shape").GetProperty("shape").GetProperty("dim").EnumerateArray()
        .Select(dim => int.Parse(dim.GetProperty("size").GetString()!))];

    private JsonElement Attribute(string attribute) =>
        Attributes.ValueKind == JsonValueKind.Object && Attributes.TryGetProperty(attribute, out var value)
            ? value
            : throw new ModelConversionException($"node '{Name}' ({Op}) has no attribute '{attribute}'");

    private static string Decode(JsonElement text) => Encoding.ASCII.GetString(Convert.FromBase64String(text.GetString()!));
}
