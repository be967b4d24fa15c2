namespace StreamPlatform.Inference.Conversion;

/// <summary>Convolutions, pooling and what is fused into them.</summary>
internal sealed partial class GraphConverter
{
    private GraphValue Convolution(TfjsNode node, bool depthwise)
    {
        var input = Value(node.Inputs[0]);
        Require(input.IsImage, node, "input is no image");
        Require(node.Text("data_format") == "NHWC", node, "data_format must be NHWC");
        var kernel = _source.Weight(node.Inputs[1]);
        var (height, width, inChannels, last) = (kernel.Shape[0], kernel.Shape[1], kernel.Shape[2], kernel.Shape[3]);
        Require(inChannels == input.Channels, node, $"kernel takes {inChannels} channels, input has {input.Channels}");

        // Depthwise kernels are [h, w, channels, multiplier]: output channel = channel * multiplier + m, which is the flat order of the last two axes.
        var outChannels = depthwise ? inChannels * last : last;
        int[] shape = [outChannels, depthwise ? 1 : inChannels, height, width];
        var weights = _target.Weights(node.Name + "/kernel", shape, KernelChannelsFirst(kernel, depthwise));
        var (strides, dilations, padding) = (node.Integers("strides"), node.Integers("dilations"), node.Text("padding"));
        var rows = SamePadding.For(padding, input.Height, height, strides[1], dilations[1]);
        var columns = SamePadding.For(padding, input.Width, width, strides[2], dilations[2]);

        var fused = node.Op is "Conv2D" or "DepthwiseConv2dNative" ? [] : node.Texts("fused_ops");
        var inputs = new List<string> { input.Tensor, weights };
        var withBias = fused.Count > 0 && fused[0] == "BiasAdd";
        if (withBias)
            inputs.Add(_target.Weights(node.Name + "/bias", [outChannels], _source.Weight(node.Inputs[2]).Floats));
        var output = _target.Node(
            "Conv", inputs, node.Name + "/conv",
            OnnxAttribute.Ints("kernel_shape", height, width),
            OnnxAttribute.Ints("strides", strides[1], strides[2]),
            OnnxAttribute.Ints("dilations", dilations[1], dilations[2]),
            OnnxAttribute.Ints("pads", rows.Begin, columns.Begin, rows.End, columns.End),
            OnnxAttribute.Int("group", depthwise ? inChannels : 1));
        var value = new GraphValue(output, [rows.OutputSize, columns.OutputSize, outChannels], true);
        return Activations(node, value, withBias ? [.. fused.Skip(1)] : fused, withBias ? 3 : 2);
    }

    private GraphValue Activations(TfjsNode node, GraphValue value, IReadOnlyList<string> fused, int nextInput)
    {
        foreach (var activation in fused)
        {
            switch (activation)
            {
                case "Relu":
                    value = value with { Tensor = _target.Node("Relu", [value.Tensor], node.Name + "/relu") };
                    break;
                case "Prelu":
                    value = Prelu(value, node.Inputs[nextInput++], node.Name);
                    break;
                default:
                    throw new ModelConversionException($"node '{node.Name}': fused {activation} is not supported");
            }
        }

        return value;
    }

    private GraphValue Prelu(GraphValue value, string slope, string name)
    {
        var weight = _source.Weight(slope);
        if (!value.IsImage || weight.Floats.Length != value.Channels)
            throw new ModelConversionException($"node '{name}': Prelu needs an image and one slope per channel");
        var slopes = _target.Weights(name + "/slope", [value.Channels, 1, 1], weight.Floats);
        return value with { Tensor = _target.Node("PRelu", [value.Tensor, slopes], name + "/prelu") };
    }

    private GraphValue MaxPool(TfjsNode node)
    {
        var input = Value(node.Inputs[0]);
        Require(input.IsImage, node, "input is no image");
        var (size, strides, padding) = (node.Integers("ksize"), node.Integers("strides"), node.Text("padding"));
        var rows = SamePadding.For(padding, input.Height, size[1], strides[1], 1);
        var columns = SamePadding.For(padding, input.Width, size[2], strides[2], 1);
        var output = _target.Node(
            "MaxPool", [input.Tensor], node.Name,
            OnnxAttribute.Ints("kernel_shape", size[1], size[2]),
            OnnxAttribute.Ints("strides", strides[1], strides[2]),
            OnnxAttribute.Ints("pads", rows.Begin, columns.Begin, rows.End, columns.End));
        return new GraphValue(output, [rows.OutputSize, columns.OutputSize, input.Channels], true);
    }

    private static float[] KernelChannelsFirst(TfjsWeight kernel, bool depthwise)
    {
        var (height, width, inChannels, last) = (kernel.Shape[0], kernel.Shape[1], kernel.Shape[2], kernel.Shape[3]);
        var area = height * width;
        var result = new float[kernel.Floats.Length];
        for (var position = 0; position < area; position++)
        {
            for (var input = 0; input < inChannels; input++)
            {
                for (var output = 0; output < last; output++)
                {
                    var outer = depthwise ? (input * last) + output : (output * inChannels) + input;
                    result[(outer * area) + position] = kernel.Floats[(((position * inChannels) + input) * last) + output];
                }
            }
        }

        return result;
    }
}
