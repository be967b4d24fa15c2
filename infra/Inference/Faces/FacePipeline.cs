using Microsoft.ML.OnnxRuntime;
using StreamPlatform.Inference.Jpeg;
using StreamPlatform.Schemas.V1;
using StreamPlatform.Topology.Ports;

namespace StreamPlatform.Inference.Faces;

/// <summary>
/// Detector, then facemesh, emotion and eyes on the largest faces, a batch at a time; the steps of npm @vladmandic/human 3.3.6.
/// Not safe for concurrent use: the input buffers are reused.
/// </summary>
internal sealed class FacePipeline : IDisposable
{
    /// <summary>Side of facemesh's input.</summary>
    public const int FaceSize = 192;

    private const int MeshLength = 468 * 3;
    private const int Classes = 7;

    /// <summary>Facemesh's own opinion whether its input is a face; the reference drops faces below its detector threshold.</summary>
    private const float MinMeshConfidence = 0.2f;

    private readonly OnnxModel _detector;
    private readonly OnnxModel _mesh;
    private readonly OnnxModel _emotion;
    private readonly EyeReader _eyes;
    private readonly float[] _detectorInput;
    private readonly float[] _faceInput;
    private readonly float[] _greyInput;
    private readonly FaceAnalyzerOptions _options;

    public FacePipeline(FaceAnalyzerOptions options, SessionOptions session)
    {
        _options = options;
        _detector = new OnnxModel(Path.Combine(options.ModelDirectory, "blazeface.onnx"), session, "scores_512", "boxes_512", "scores_384", "boxes_384");
        _mesh = new OnnxModel(Path.Combine(options.ModelDirectory, "facemesh.onnx"), session, "output_mesh", "output_faceflag");
        _emotion = new OnnxModel(Path.Combine(options.ModelDirectory, "emotion.onnx"), session, "probabilities");
        _eyes = new EyeReader(options.ModelDirectory, options.MaxBatchSize, session);
        _detectorInput = new float[options.MaxBatchSize * _detector.InputLength];
        _faceInput = new float[options.MaxBatchSize * _mesh.InputLength];
        _greyInput = new float[options.MaxBatchSize * _emotion.InputLength];
    }

    /// <summary>Analyses up to MaxBatchSize images; one result per image, in order.</summary>
    public FaceAnalysis[] Analyse(IReadOnlyList<RgbImage> images) => Analyse([.. images.Select(image => new FaceJob(image, FaceOutputs.All))]);

    /// <summary>Analyses up to MaxBatchSize images, each for what it asks; one result per image, in order.</summary>
    public FaceAnalysis[] Analyse(IReadOnlyList<FaceJob> images)
    {
        var detected = Detect([.. images.Select(job => job.Image)]);
        var wanted = new List<(int Image, DetectedFace Face)>(images.Count);
        for (var i = 0; i < images.Count; i++)
            wanted.AddRange(detected[i].OrderByDescending(face => face.Area).Take(_options.MaxFacesRead).Select(face => (i, face)));

        var found = new List<FaceReading>[images.Count];
        for (var i = 0; i < images.Count; i++)
            found[i] = [];
        var noFaces = new int[images.Count];
        for (var first = 0; first < wanted.Count; first += _options.MaxBatchSize)
            Read(images, wanted.GetRange(first, Math.Min(_options.MaxBatchSize, wanted.Count - first)), found, noFaces);

        var results = new FaceAnalysis[images.Count];
        for (var i = 0; i < images.Count; i++)
            results[i] = Describe(detected[i].Count - noFaces[i], found[i], MeanLuminance(i));
        return results;
    }

    /// <summary>Faces per image, best score first.</summary>
    public List<DetectedFace>[] Detect(IReadOnlyList<RgbImage> images)
    {
        for (var i = 0; i < images.Count; i++)
        {
            // Values -1..1, the whole image squeezed into a square, as the reference does.
            var target = _detectorInput.AsSpan(i * _detector.InputLength, _detector.InputLength);
            Resampling.ResizeBilinear(images[i], BlazefaceDecoder.InputSize, 127.5f, -1f, target);
        }

        using var outputs = _detector.Run(_detectorInput, images.Count);
        var faces = new List<DetectedFace>[images.Count];
        for (var i = 0; i < images.Count; i++)
        {
            faces[i] = BlazefaceDecoder.Decode(
                Row(outputs[0], i, BlazefaceDecoder.FineAnchors), Row(outputs[1], i, BlazefaceDecoder.FineAnchors * BlazefaceDecoder.BoxLength),
                Row(outputs[2], i, BlazefaceDecoder.CoarseAnchors), Row(outputs[3], i, BlazefaceDecoder.CoarseAnchors * BlazefaceDecoder.BoxLength),
                _options.MinFaceConfidence, _options.MaxFaces);
        }

        return faces;
    }

    public void Dispose()
    {
        _detector.Dispose();
        _mesh.Dispose();
        _emotion.Dispose();
        _eyes.Dispose();
    }

    /// <summary>Reads at most MaxBatchSize faces; those that facemesh rejects are counted in <paramref name="noFaces"/> instead.</summary>
    private void Read(IReadOnlyList<FaceJob> images, List<(int Image, DetectedFace Face)> wanted, List<FaceReading>[] found, int[] noFaces)
    {
        var crops = new CropBox[wanted.Count];
        var light = new CropLight[wanted.Count];
        var emotional = Asking(images, wanted, FaceOutputs.Emotion);
        for (var n = 0; n < wanted.Count; n++)
        {
            var image = images[wanted[n].Image].Image;
            crops[n] = wanted[n].Face.Crop(image.Width, image.Height);
            var face = _faceInput.AsSpan(n * _mesh.InputLength, _mesh.InputLength);
            Resampling.CropAndResize(image, crops[n], FaceSize, face);
            if (emotional.IndexOf(n) is var row and >= 0)
                Resampling.GreyThird(face, _greyInput.AsSpan(row * _emotion.InputLength, _emotion.InputLength));
            light[n] = CropLight.Of(face, FaceSize);
        }

        using var mesh = _mesh.Run(_faceInput, wanted.Count);
        var openness = Openness(images, wanted, crops, mesh[0]);
        var probabilities = Probabilities(wanted.Count, emotional);
        for (var n = 0; n < wanted.Count; n++)
        {
            if (Row(mesh[1], n, 1)[0] < MinMeshConfidence)
            {
                noFaces[wanted[n].Image]++;
                continue;
            }

            found[wanted[n].Image].Add(new FaceReading(
                wanted[n].Face.ToFaceBox(), probabilities[n], openness[n], HeadPose.YawDegrees(Row(mesh[0], n, MeshLength)), light[n].Luminance, light[n].Sharpness));
        }
    }

    /// <summary>Mean eye aspect ratio of each face; 0 where it was not asked for.</summary>
    private float[] Openness(IReadOnlyList<FaceJob> images, List<(int Image, DetectedFace Face)> wanted, CropBox[] crops, OrtValue mesh)
    {
        var openness = new float[wanted.Count];
        var asking = Asking(images, wanted, FaceOutputs.Blink);
        if (asking.Count == 0)
            return openness;
        for (var row = 0; row < asking.Count; row++)
            _eyes.Add(row, images[wanted[asking[row]].Image].Image, crops[asking[row]], Row(mesh, asking[row], MeshLength));
        var measured = _eyes.Openness(asking.Count);
        for (var row = 0; row < asking.Count; row++)
            openness[asking[row]] = measured[row];
        return openness;
    }

    /// <summary>The classes of each face whose grey crop was written; null for the others.</summary>
    private EmotionProbabilities?[] Probabilities(int faces, List<int> asking)
    {
        var probabilities = new EmotionProbabilities?[faces];
        if (asking.Count == 0)
            return probabilities;
        using var emotion = _emotion.Run(_greyInput, asking.Count);
        for (var row = 0; row < asking.Count; row++)
            probabilities[asking[row]] = ToProbabilities(Row(emotion[0], row, Classes));
        return probabilities;
    }

    private static List<int> Asking(IReadOnlyList<FaceJob> images, List<(int Image, DetectedFace Face)> wanted, FaceOutputs output) =>
        [.. Enumerable.Range(0, wanted.Count).Where(n => images[wanted[n].Image].Outputs.HasFlag(output))];

    private static FaceAnalysis Describe(int faceCount, List<FaceReading> faces, float luminance)
    {
        var largest = faces.Count == 0 ? null : faces[0];
        var openness = largest?.EyeOpenness ?? 0;
        return new FaceAnalysis(faceCount, largest?.Box, largest?.Probabilities, openness, openness > 0 && openness < EyeAspectRatio.ClosedBelow)
        {
            Faces = faces,
            Luminance = luminance,
        };
    }

    /// <summary>0..1, over the detector's input (values -1..1).</summary>
    private float MeanLuminance(int index)
    {
        var input = _detectorInput.AsSpan(index * _detector.InputLength, _detector.InputLength);
        var sum = 0.0;
        for (var i = 0; i < input.Length; i += 3)
            sum += (0.2989f * input[i]) + (0.5870f * input[i + 1]) + (0.1140f * input[i + 2]);
        return (float)(((sum / (input.Length / 3)) + 1) / 2);
    }

    /// <summary>The model's class order, from human's src/gear/emotion.ts.</summary>
    private static EmotionProbabilities ToProbabilities(ReadOnlySpan<float> p) =>
        new() { Angry = p[0], Disgust = p[1], Fear = p[2], Happy = p[3], Sad = p[4], Surprise = p[5], Neutral = p[6] };

    private static ReadOnlySpan<float> Row(OrtValue output, int index, int length) => output.GetTensorDataAsSpan<float>().Slice(index * length, length);
}
