namespace StreamPlatform.Inference.Conversion;

/// <summary>One attribute of an ONNX node (AttributeProto): a single integer or a list of integers.</summary>
internal readonly record struct OnnxAttribute(string Name, long[] Values, bool IsList)
{
    private const int IntType = 2;
    private const int IntsType = 7;

    public static OnnxAttribute Int(string name, long value) => new(name, [value], false);

    public static OnnxAttribute Ints(string name, params long[] values) => new(name, values, true);

    public void Write(ProtoWriter proto)
    {
        proto.Text(1, Name);
        foreach (var value in Values)
            proto.Int64(IsList ? 8 : 3, value);
        proto.Int64(20, IsList ? IntsType : IntType);
    }
}
