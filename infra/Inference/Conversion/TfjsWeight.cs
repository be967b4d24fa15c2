using System.Buffers.Binary;
using System.Text.Json;

namespace StreamPlatform.Inference.Conversion;

/// <summary>A constant of the model, in TensorFlow's layout. Exactly one of the two arrays is set.</summary>
internal sealed record TfjsWeight(string Name, int[] Shape, float[] Floats, int[] Integers)
{
    /// <summary>Reads a weight as the manifest entry describes it: float32, float32 stored as float16, or int32; little-endian.</summary>
    public static TfjsWeight Read(JsonElement spec, ReadOnlySpan<byte> data, out int length)
    {
        var name = spec.GetProperty("name").GetString()!;
        var shape = spec.GetProperty("shape").EnumerateArray().Select(dim => dim.GetInt32()).ToArray();
        var count = shape.Aggregate(1, (product, dim) => checked(product * dim));
        var type = spec.GetProperty("dtype").GetString();
        var stored = spec.TryGetProperty("quantization", out var quantization) ? quantization.GetProperty("dtype").GetString() : type;
        var width = stored == "float16" ? 2 : 4;
        length = checked(count * width);
        if (length > data.Length)
            throw new ModelConversionException($"weight '{name}' needs {length} bytes, {data.Length} are left: the weight file is truncated");

        var floats = type == "float32" ? new float[count] : [];
        var integers = type == "int32" ? new int[count] : [];
        for (var i = 0; i < count; i++)
        {
            var bytes = data.Slice(i * width, width);
            switch (type, stored)
            {
                case ("float32", "float32"): floats[i] = BinaryPrimitives.ReadSingleLittleEndian(bytes); break;
                case ("float32", "float16"): floats[i] = (float)BinaryPrimitives.ReadHalfLittleEndian(bytes); break;
                case ("int32", "int32"): integers[i] = BinaryPrimitives.ReadInt32LittleEndian(bytes); break;
                default: throw new ModelConversionException($"weight '{name}' has type {type} stored as {stored}; float32, float16 and int32 are supported");
            }
        }

        return new TfjsWeight(name, shape, floats, integers);
    }
}
