namespace StreamPlatform.Inference.Conversion;

/// <summary>
/// A tensor during conversion. <paramref name="Shape"/> is TensorFlow's shape without the batch. Images (three such dimensions: height, width,
/// channels) are kept transposed in ONNX (channels first) while <paramref name="ChannelsFirst"/> is true.
/// </summary>
internal sealed record GraphValue(string Tensor, int[] Shape, bool ChannelsFirst)
{
    public bool IsImage => Shape.Length == 3 && ChannelsFirst;

    public int Height => Shape[0];

    public int Width => Shape[1];

    public int Channels => Shape[^1];
}
