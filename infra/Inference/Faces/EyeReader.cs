using Microsoft.ML.OnnxRuntime;
using StreamPlatform.Inference.Jpeg;

namespace StreamPlatform.Inference.Faces;

/// <summary>
/// Measures how open the eyes are. Facemesh places the eyes but draws lids half open on eyes that are shut, so the iris model refines each eye's
/// contour on a closer crop (as src/face/iris.ts of npm @vladmandic/human). Not safe for concurrent use: the input buffer is reused.
/// </summary>
internal sealed class EyeReader : IDisposable
{
    public const int InputSize = 64;

    /// <summary>76 points of x, y, z.</summary>
    public const int LandmarksLength = 76 * 3;

    private const int EyesPerFace = 2;

    /// <summary>The first points of the 76; the rest are the iris.</summary>
    private const int ContourPoints = 71;

    /// <summary>The crop's side relative to the distance between the eye's corners.</summary>
    private const double Enlargement = 2.3;

    /// <summary>Outer and inner corner in the face mesh; the model knows right eyes, left ones are mirrored.</summary>
    private static readonly (int Outer, int Inner, bool Mirrored)[] Eyes = [(263, 362, true), (33, 133, false)];

    private readonly OnnxModel _iris;
    private readonly float[] _input;

    public EyeReader(string modelDirectory, int maxFaces, SessionOptions session)
    {
        _iris = new OnnxModel(Path.Combine(modelDirectory, "iris.onnx"), session, "landmarks");
        _input = new float[maxFaces * EyesPerFace * _iris.InputLength];
    }

    /// <summary>Puts both eyes of a face into the batch.</summary>
    /// <param name="index">The face's place in the batch.</param>
    /// <param name="face">The crop that <paramref name="mesh"/> was computed on, 192 pixels across.</param>
    public void Add(int index, RgbImage image, CropBox face, ReadOnlySpan<float> mesh) =>
        WriteEyes(image, face, mesh, _input.AsSpan(index * EyesPerFace * _iris.InputLength, EyesPerFace * _iris.InputLength));

    /// <summary>Mean eye aspect ratio per face of the batch.</summary>
    public float[] Openness(int faces)
    {
        using var outputs = _iris.Run(_input, faces * EyesPerFace);
        var landmarks = outputs[0].GetTensorDataAsSpan<float>();
        var result = new float[faces];
        for (var face = 0; face < faces; face++)
        {
            var both = landmarks.Slice(face * EyesPerFace * LandmarksLength, EyesPerFace * LandmarksLength);
            result[face] = (EyeAspectRatio.Of(both[..LandmarksLength]) + EyeAspectRatio.Of(both[LandmarksLength..])) / 2;
        }

        return result;
    }

    /// <summary>Both eyes' contours of one face in pixels of the image: 2 x 71 points (x, y) as the iris model numbers them, mirroring undone.</summary>
    public (float X, float Y)[][] Contours(RgbImage image, CropBox face, ReadOnlySpan<float> mesh)
    {
        Add(0, image, face, mesh);
        using var outputs = _iris.Run(_input, EyesPerFace);
        var landmarks = outputs[0].GetTensorDataAsSpan<float>();
        var contours = new (float X, float Y)[EyesPerFace][];
        for (var eye = 0; eye < EyesPerFace; eye++)
        {
            var box = EyeBox(face, mesh, Eyes[eye].Outer, Eyes[eye].Inner);
            var scale = (box.Right - box.Left) / (float)InputSize;
            contours[eye] = new (float, float)[ContourPoints];
            for (var point = 0; point < ContourPoints; point++)
            {
                var at = (eye * LandmarksLength) + (3 * point);
                var x = Eyes[eye].Mirrored ? InputSize - landmarks[at] : landmarks[at];
                contours[eye][point] = (box.Left + (x * scale), box.Top + (landmarks[at + 1] * scale));
            }
        }

        return contours;
    }

    /// <summary>The model's input for both eyes of a face: 2 x 64 x 64 x 3, each 0..1.</summary>
    public static void WriteEyes(RgbImage image, CropBox face, ReadOnlySpan<float> mesh, Span<float> target)
    {
        var length = target.Length / EyesPerFace;
        for (var eye = 0; eye < EyesPerFace; eye++)
        {
            var input = target.Slice(eye * length, length);
            Resampling.CropAndResize(image, EyeBox(face, mesh, Eyes[eye].Outer, Eyes[eye].Inner), InputSize, input);
            if (Eyes[eye].Mirrored)
                Mirror(input);
        }
    }

    public void Dispose() => _iris.Dispose();

    private static CropBox EyeBox(CropBox face, ReadOnlySpan<float> mesh, int outer, int inner)
    {
        var scale = (face.Right - face.Left) / (double)FacePipeline.FaceSize;
        var (x1, y1) = ((mesh[3 * outer] * scale) + face.Left, (mesh[(3 * outer) + 1] * scale) + face.Top);
        var (x2, y2) = ((mesh[3 * inner] * scale) + face.Left, (mesh[(3 * inner) + 1] * scale) + face.Top);
        var half = Enlargement * Math.Max(Math.Abs(x1 - x2), Math.Abs(y1 - y2)) / 2;
        return CropBox.Around((x1 + x2) / 2, (y1 + y2) / 2, half);
    }

    private static void Mirror(Span<float> input)
    {
        for (var y = 0; y < InputSize; y++)
        {
            var row = input.Slice(y * InputSize * 3, InputSize * 3);
            for (var x = 0; x < InputSize / 2; x++)
            {
                for (var channel = 0; channel < 3; channel++)
                {
                    var (left, right) = ((x * 3) + channel, ((InputSize - 1 - x) * 3) + channel);
                    (row[left], row[right]) = (row[right], row[left]);
                }
            }
        }
    }
}
