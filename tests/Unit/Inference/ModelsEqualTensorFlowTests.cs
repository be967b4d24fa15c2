using Microsoft.ML.OnnxRuntime;
using StreamPlatform.Inference.Faces;

namespace StreamPlatform.Tests.Unit.Inference;

/// <summary>
/// Each converted model against TensorFlow.js on eight real faces, alone and as one batch of eight. The bound is 1e-4: absolute for
/// probabilities, relative for logits above 1, and for boxes and landmarks, which are pixels of the model's input (256, 192 or 64 across), as
/// fractions of that input. Two float32 implementations that add in another order differ by up to 3e-4 pixels there; more than 5e-4 fails too.
/// </summary>
public sealed class ModelsEqualTensorFlowTests
{
    private const float Tolerance = 1e-4f;
    private const float PixelTolerance = 5e-4f;

    private static readonly string[] InPixels = ["boxes_512", "boxes_384", "output_mesh", "output_contours", "landmarks"];

    [Theory]
    [InlineData(1)]
    [InlineData(8)]
    public void Blazeface_equals_the_reference(int batch) => Compare(
        "blazeface", batch, ["scores_512", "scores_384", "boxes_512", "boxes_384"],
        (face, input) =>
        {
            using var image = face.Image();
            Resampling.ResizeBilinear(image, BlazefaceDecoder.InputSize, 127.5f, -1f, input);
        });

    [Theory]
    [InlineData(1)]
    [InlineData(8)]
    public void Facemesh_equals_the_reference(int batch) => Compare("facemesh", batch, ["output_mesh", "output_contours", "output_faceflag"], Crop);

    [Theory]
    [InlineData(1)]
    [InlineData(8)]
    public void Emotion_equals_the_reference(int batch) => Compare(
        "emotion", batch, ["probabilities"],
        (face, input) =>
        {
            var crop = new float[192 * 192 * 3];
            Crop(face, crop);
            Resampling.GreyThird(crop, input);
        });

    /// <summary>Two eyes per face: four faces are a batch of eight.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public void Iris_equals_the_reference(int faces) => Compare(
        "iris", faces, ["landmarks"],
        (face, input) =>
        {
            using var image = face.Image();
            EyeReader.WriteEyes(image, face.Crop, face.Outputs["output_mesh"], input);
        },
        inputsPerFace: 2);

    [Theory]
    [InlineData("antispoof", "real", 128, 1)]
    [InlineData("antispoof", "real", 128, 8)]
    [InlineData("liveness", "live", 32, 1)]
    [InlineData("liveness", "live", 32, 8)]
    public void Antispoof_and_liveness_equal_the_reference(string model, string output, int size, int batch) => Compare(
        model, batch, [output],
        (face, input) =>
        {
            using var image = face.Image();
            Resampling.CropAndResize(image, face.Crop, size, input);
        });

    private delegate void WriteInput(ReferenceFace face, Span<float> input);

    private static void Crop(ReferenceFace face, Span<float> input)
    {
        using var image = face.Image();
        Resampling.CropAndResize(image, face.Crop, 192, input);
    }

    private static void Compare(string name, int batch, string[] outputs, WriteInput write, int inputsPerFace = 1)
    {
        InferenceAssets.SkipWithoutModels();
        using var options = new SessionOptions { IntraOpNumThreads = 2 };
        using var model = new OnnxModel(Path.Combine(InferenceAssets.Models, name + ".onnx"), options, outputs);
        var length = inputsPerFace * model.InputLength;
        var input = new float[batch * length];
        foreach (var faces in ReferenceFace.All.Chunk(batch))
        {
            Assert.Equal(batch, faces.Length);
            for (var i = 0; i < batch; i++)
                write(faces[i], input.AsSpan(i * length, length));
            using var results = model.Run(input, batch * inputsPerFace);
            for (var output = 0; output < outputs.Length; output++)
                Compare(outputs[output], faces, results[output].GetTensorDataAsSpan<float>());
        }
    }

    private static void Compare(string output, ReferenceFace[] faces, ReadOnlySpan<float> actual)
    {
        var length = actual.Length / faces.Length;
        for (var i = 0; i < faces.Length; i++)
        {
            var expected = faces[i].Outputs[output];
            Assert.Equal(expected.Length, length);
            for (var k = 0; k < length; k++)
            {
                var difference = MathF.Abs(actual[(i * length) + k] - expected[k]);
                var allowed = InPixels.Contains(output) ? PixelTolerance : Tolerance * MathF.Max(1, MathF.Abs(expected[k]));
                if (!(difference <= allowed))
                    Assert.Fail($"{faces[i].Person}: {output}[{k}] is {actual[(i * length) + k]}, TensorFlow.js says {expected[k]}");
            }
        }
    }
}
