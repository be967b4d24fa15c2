namespace StreamPlatform.Inference.Conversion;

/// <summary>
/// TensorFlow's paddings for one spatial axis. SAME puts the odd pixel after the data
/// (https://www.tensorflow.org/api_docs/python/tf/nn#notes_on_padding_2), hence begin and end differ.
/// </summary>
internal readonly record struct SamePadding(int Begin, int End, int OutputSize)
{
    public static SamePadding For(string padding, int inputSize, int kernel, int stride, int dilation)
    {
        var reach = ((kernel - 1) * dilation) + 1;
        switch (padding)
        {
            case "VALID":
                return new SamePadding(0, 0, ((inputSize - reach) / stride) + 1);
            case "SAME":
                var output = (inputSize + stride - 1) / stride;
                var total = Math.Max(0, ((output - 1) * stride) + reach - inputSize);
                return new SamePadding(total / 2, total - (total / 2), output);
            default:
                throw new ModelConversionException($"padding '{padding}' is not supported (SAME, VALID)");
        }
    }
}
