using System.Runtime.InteropServices;

namespace StreamPlatform.Inference.Conversion;

/// <summary>
/// Collects nodes, weights, inputs and outputs and writes them as an ONNX ModelProto.
/// Field numbers are those of https://github.com/onnx/onnx/blob/main/onnx/onnx.proto; operators are those of <see cref="OpsetVersion"/>.
/// </summary>
internal sealed class OnnxGraphWriter(string name)
{
    public const int OpsetVersion = 13;
    private const int IrVersion = 8;
    private const int FloatType = 1;
    private const int Int64Type = 7;

    private readonly ProtoWriter _nodes = new();
    private readonly ProtoWriter _initializers = new();
    private readonly ProtoWriter _inputs = new();
    private readonly ProtoWriter _outputs = new();
    private int _nodeCount;

    /// <summary>Adds an operator and returns the name of its only output.</summary>
    public string Node(string op, IReadOnlyList<string> inputs, string output, params ReadOnlySpan<OnnxAttribute> attributes)
    {
        var copied = attributes.ToArray();
        _nodes.Message(1, node =>
        {
            foreach (var input in inputs)
                node.Text(1, input);
            node.Text(2, output);
            node.Text(3, $"{op}_{_nodeCount++}");
            node.Text(4, op);
            foreach (var attribute in copied)
                node.Message(5, attribute.Write);
        });
        return output;
    }

    public string Weights(string tensor, ReadOnlySpan<int> shape, float[] values) =>
        Initializer(tensor, shape, FloatType, MemoryMarshal.AsBytes(values.AsSpan()).ToArray());

    public string Integers(string tensor, params long[] values) =>
        Initializer(tensor, [values.Length], Int64Type, MemoryMarshal.AsBytes(values.AsSpan()).ToArray());

    /// <summary>Declares a float input whose first dimension is the symbolic batch.</summary>
    public void Input(string tensor, ReadOnlySpan<int> shapeWithoutBatch) => ValueInfo(_inputs, 11, tensor, shapeWithoutBatch);

    /// <summary>Declares a float output whose first dimension is the symbolic batch.</summary>
    public void Output(string tensor, ReadOnlySpan<int> shapeWithoutBatch) => ValueInfo(_outputs, 12, tensor, shapeWithoutBatch);

    public byte[] ToModel()
    {
        var graph = new ProtoWriter();
        var head = _nodes.Written;
        var model = new ProtoWriter();
        model.Int64(1, IrVersion);
        model.Text(2, "StreamPlatform.Inference.Conversion");
        graph.Text(2, name);
        var body = new byte[head.Length + graph.Written.Length + _initializers.Written.Length + _inputs.Written.Length + _outputs.Written.Length];
        var rest = body.AsSpan();
        foreach (var part in new[] { _nodes, graph, _initializers, _inputs, _outputs })
        {
            part.Written.CopyTo(rest);
            rest = rest[part.Written.Length..];
        }

        model.Bytes(7, body);
        model.Message(8, opset =>
        {
            opset.Text(1, string.Empty);
            opset.Int64(2, OpsetVersion);
        });
        return model.Written.ToArray();
    }

    private string Initializer(string tensor, ReadOnlySpan<int> shape, int type, byte[] littleEndian)
    {
        if (!BitConverter.IsLittleEndian)
            throw new PlatformNotSupportedException("ONNX raw_data is little-endian; convert the models on a little-endian machine.");
        var dims = shape.ToArray();
        _initializers.Message(5, proto =>
        {
            foreach (var dim in dims)
                proto.Int64(1, dim);
            proto.Int64(2, type);
            proto.Text(8, tensor);
            proto.Bytes(9, littleEndian);
        });
        return tensor;
    }

    private static void ValueInfo(ProtoWriter target, int field, string tensor, ReadOnlySpan<int> shapeWithoutBatch)
    {
        var dims = shapeWithoutBatch.ToArray();
        target.Message(field, info =>
        {
            info.Text(1, tensor);
            info.Message(2, type => type.Message(1, tensorType =>
            {
                tensorType.Int64(1, FloatType);
                tensorType.Message(2, shape =>
                {
                    shape.Message(1, dim => dim.Text(2, "batch"));
                    foreach (var size in dims)
                        shape.Message(1, dim => dim.Int64(1, size));
                });
            }));
        });
    }
}
