namespace StreamPlatform.Inference.Conversion;

/// <summary>
/// Converts one TensorFlow.js graph to ONNX. Inside, images are channels first as ONNX's Conv wants them; the model's inputs and outputs keep
/// TensorFlow's layout (channels last), so that callers and reference values need no reordering. The batch is symbolic, even where the source
/// has batch 1 baked into its placeholder and reshapes.
/// </summary>
internal sealed partial class GraphConverter
{
    private readonly TfjsGraph _source;
    private readonly OnnxGraphWriter _target;
    private readonly IReadOnlyDictionary<string, string> _outputNames;
    private readonly Dictionary<string, GraphValue> _values = [];
    private readonly Dictionary<string, TfjsNode> _nodes;
    private readonly HashSet<string> _consumed;

    private GraphConverter(string name, TfjsGraph source, IReadOnlyDictionary<string, string> outputNames)
    {
        _source = source;
        _target = new OnnxGraphWriter(name);
        _outputNames = outputNames;
        _nodes = source.Nodes.ToDictionary(node => node.Name);
        _consumed = [.. source.Nodes.SelectMany(node => node.Inputs)];
    }

    /// <summary>Returns the serialized ONNX model.</summary>
    /// <param name="outputNames">Names for outputs that the source calls "Identity", "Identity_1"; wins over the source's signature.</param>
    public static byte[] Convert(string name, TfjsGraph source, IReadOnlyDictionary<string, string> outputNames)
    {
        var converter = new GraphConverter(name, source, outputNames);
        foreach (var node in source.Nodes.Where(node => node.Op == "Placeholder"))
            converter.Value(node.Name);
        foreach (var node in source.Nodes.Where(node => !converter._consumed.Contains(node.Name) && node.Op is not ("Const" or "Placeholder")))
            converter.Value(node.Name);
        return converter._target.ToModel();
    }

    /// <summary>The converted value of a node, converting its inputs first (depth first; graphs are a few hundred nodes deep at most).</summary>
    private GraphValue Value(string name)
    {
        if (_values.TryGetValue(name, out var known))
            return known;
        var node = _nodes.TryGetValue(name, out var found) ? found : throw new ModelConversionException($"node '{name}' does not exist");
        return _values[name] = Emit(node);
    }

    private GraphValue Emit(TfjsNode node) => node.Op switch
    {
        "Placeholder" => Placeholder(node),
        "_FusedConv2D" or "Conv2D" => Convolution(node, depthwise: false),
        "DepthwiseConv2dNative" or "FusedDepthwiseConv2dNative" => Convolution(node, depthwise: true),
        "MaxPool" => MaxPool(node),
        "AddV2" or "Add" or "BiasAdd" => Binary(node, "Add"),
        "Mul" => Binary(node, "Mul"),
        "Relu" or "Sigmoid" => Unary(node, node.Op),
        "Prelu" => Prelu(Value(node.Inputs[0]), node.Inputs[1], node.Name),
        "Softmax" => Softmax(node),
        "Pad" => Pad(node),
        "Mean" => Mean(node),
        "Reshape" => Reshape(node),
        "ConcatV2" => Concat(node),
        "_FusedMatMul" => MatMul(node),
        "Identity" => Identity(node),
        _ => throw new ModelConversionException($"node '{node.Name}': operator {node.Op} is not supported"),
    };

    private GraphValue Placeholder(TfjsNode node)
    {
        var shape = node.Shape()[1..];
        _target.Input(node.Name, shape);
        if (shape.Length != 3)
            return new GraphValue(node.Name, shape, false);
        var transposed = _target.Node("Transpose", [node.Name], node.Name + "/nchw", OnnxAttribute.Ints("perm", 0, 3, 1, 2));
        return new GraphValue(transposed, shape, true);
    }

    private GraphValue Identity(TfjsNode node)
    {
        var value = Value(node.Inputs[0]);
        if (_consumed.Contains(node.Name))
            return value;
        var name = _outputNames.TryGetValue(node.Name, out var given) ? given : _source.OutputNames.GetValueOrDefault(node.Name, node.Name);
        var channelsLast = ChannelsLast(value);
        _target.Node("Identity", [channelsLast.Tensor], name);
        _target.Output(name, value.Shape);
        return channelsLast with { Tensor = name };
    }

    /// <summary>Back to TensorFlow's layout, as reshapes and outputs need it.</summary>
    private GraphValue ChannelsLast(GraphValue value) => value.IsImage
        ? new GraphValue(_target.Node("Transpose", [value.Tensor], value.Tensor + "/nhwc", OnnxAttribute.Ints("perm", 0, 2, 3, 1)), value.Shape, false)
        : value;

    private static void Require(bool condition, TfjsNode node, string expectation)
    {
        if (!condition)
            throw new ModelConversionException($"node '{node.Name}' ({node.Op}): {expectation}");
    }
}
