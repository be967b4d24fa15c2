namespace StreamPlatform.Inference.Conversion;

/// <summary>Element-wise operators, reductions, reshapes and matrix products.</summary>
internal sealed partial class GraphConverter
{
    private GraphValue Unary(TfjsNode node, string op)
    {
        var input = Value(node.Inputs[0]);
        return input with { Tensor = _target.Node(op, [input.Tensor], node.Name) };
    }

    private GraphValue Binary(TfjsNode node, string op)
    {
        var constant = node.Inputs.FirstOrDefault(_source.IsWeight);
        var value = Value(node.Inputs.First(name => name != constant));
        if (constant is not null)
        {
            var weight = _source.Weight(constant);
            Require(weight.Floats.Length == value.Channels, node, "the constant must have one value per channel");
            int[] shape = value.IsImage ? [value.Channels, 1, 1] : [value.Channels];
            var weights = _target.Weights(node.Name + "/constant", shape, weight.Floats);
            return value with { Tensor = _target.Node(op, [value.Tensor, weights], node.Name) };
        }

        var (left, right) = (Value(node.Inputs[0]), Value(node.Inputs[1]));
        Require(left.Shape.AsSpan().SequenceEqual(right.Shape) && left.ChannelsFirst == right.ChannelsFirst, node, "operands differ in shape");
        return left with { Tensor = _target.Node(op, [left.Tensor, right.Tensor], node.Name) };
    }

    private GraphValue Softmax(TfjsNode node)
    {
        var input = ChannelsLast(Value(node.Inputs[0]));
        return input with { Tensor = _target.Node("Softmax", [input.Tensor], node.Name, OnnxAttribute.Int("axis", -1)) };
    }

    private GraphValue Pad(TfjsNode node)
    {
        var input = Value(node.Inputs[0]);
        Require(input.IsImage, node, "input is no image");
        var pads = _source.Weight(node.Inputs[1]).Integers;     // [batch, height, width, channels] x [before, after]
        Require(pads.Length == 8 && pads[0] == 0 && pads[1] == 0, node, "the batch must not be padded");
        var tensor = _target.Integers(node.Name + "/pads", 0, pads[6], pads[2], pads[4], 0, pads[7], pads[3], pads[5]);
        int[] shape = [input.Height + pads[2] + pads[3], input.Width + pads[4] + pads[5], input.Channels + pads[6] + pads[7]];
        return new GraphValue(_target.Node("Pad", [input.Tensor, tensor], node.Name), shape, true);
    }

    private GraphValue Mean(TfjsNode node)
    {
        var input = Value(node.Inputs[0]);
        var axes = _source.Weight(node.Inputs[1]).Integers;
        Require(input.IsImage && axes.Order().SequenceEqual([1, 2]), node, "only the mean over height and width is supported");
        var keep = node.Flag("keep_dims");
        var output = _target.Node(
            "ReduceMean", [input.Tensor], node.Name, OnnxAttribute.Ints("axes", 2, 3), OnnxAttribute.Int("keepdims", keep ? 1 : 0));
        return keep ? new GraphValue(output, [1, 1, input.Channels], true) : new GraphValue(output, [input.Channels], false);
    }

    private GraphValue Reshape(TfjsNode node)
    {
        var input = ChannelsLast(Value(node.Inputs[0]));
        var target = _source.Weight(node.Inputs[1]).Integers;
        var size = input.Shape.Aggregate(1, (product, dim) => product * dim);
        var known = target.Skip(1).Where(dim => dim > 0).Aggregate(1, (product, dim) => product * dim);
        int[] shape = [.. target.Skip(1).Select(dim => dim > 0 ? dim : size / known)];

        // A leading 1 is a baked-in batch, -1 a free one; both are right only if the rest is one image's worth of numbers. 0 copies the batch.
        Require(target[0] is 1 or -1 && shape.Aggregate(1, (product, dim) => product * dim) == size, node, "the reshape must keep the batch");
        var tensor = _target.Integers(node.Name + "/shape", [0, .. shape.Select(dim => (long)dim)]);
        return new GraphValue(_target.Node("Reshape", [input.Tensor, tensor], node.Name), shape, false);
    }

    private GraphValue Concat(TfjsNode node)
    {
        var parts = node.Inputs.SkipLast(1).Select(Value).ToArray();
        var rank = parts[0].Shape.Length + 1;
        var axis = (_source.Weight(node.Inputs[^1]).Integers[0] + rank) % rank;
        Require(axis > 0 && parts.All(part => part.ChannelsFirst == parts[0].ChannelsFirst), node, "parts differ in layout or are joined along the batch");
        int[] shape = [.. parts[0].Shape];
        shape[axis - 1] = parts.Sum(part => part.Shape[axis - 1]);
        int[] channelsFirstAxis = [0, 2, 3, 1];
        var onnxAxis = parts[0].IsImage ? channelsFirstAxis[axis] : axis;
        var output = _target.Node("Concat", [.. parts.Select(part => part.Tensor)], node.Name, OnnxAttribute.Int("axis", onnxAxis));
        return new GraphValue(output, shape, parts[0].ChannelsFirst);
    }

    private GraphValue MatMul(TfjsNode node)
    {
        var input = Value(node.Inputs[0]);
        Require(input.Shape.Length == 1 && !node.Flag("transpose_a") && !node.Flag("transpose_b"), node, "only untransposed matrices are supported");
        var (matrix, bias) = (_source.Weight(node.Inputs[1]), _source.Weight(node.Inputs[2]));
        var fused = node.Texts("fused_ops");
        Require(fused.Count > 0 && fused[0] == "BiasAdd", node, "BiasAdd must come first");
        var output = _target.Node(
            "Gemm",
            [input.Tensor, _target.Weights(node.Name + "/matrix", matrix.Shape, matrix.Floats), _target.Weights(node.Name + "/bias", bias.Shape, bias.Floats)],
            node.Name + "/gemm");
        return Activations(node, new GraphValue(output, [matrix.Shape[1]], false), [.. fused.Skip(1)], 3);
    }
}
