using Microsoft.ML.OnnxRuntime;
using StreamPlatform.Inference.Jpeg;
using StreamPlatform.Schemas.V1;
using StreamPlatform.Topology.Ports;

namespace StreamPlatform.Inference.Faces;

/// <summary>
/// Detector, then facemesh, emotion and eyes on the largest face, a batch at a time; the steps of npm @vladmandic/human 3.3.6.
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
    public FaceAnalysis[] Analyse(IReadOnlyList<RgbImage> images)
    {
        var faces = Detect(images);
        var results = new FaceAnalysis[images.Count];
        var withFace = new List<int>(images.Count);
        for (var i = 0; i < images.Count; i++)
        {
            results[i] = new FaceAnalysis(faces[i].Count, null, null, 0, false);
            if (faces[i].Count > 0)
                withFace.Add(i);
        }

        if (withFace.Count > 0)
            Read(images, faces, withFace, results);
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

    private void Read(IReadOnlyList<RgbImage> images, List<DetectedFace>[] faces, List<int> withFace, FaceAnalysis[] results)
    {
        var crops = new CropBox[withFace.Count];
        for (var n = 0; n < withFace.Count; n++)
        {
            var image = images[withFace[n]];
            crops[n] = Largest(faces[withFace[n]]).Crop(image.Width, image.Height);
            var face = _faceInput.AsSpan(n * _mesh.InputLength, _mesh.InputLength);
            Resampling.CropAndResize(image, crops[n], FaceSize, face);
            Resampling.GreyThird(face, _greyInput.AsSpan(n * _emotion.InputLength, _emotion.InputLength));
        }

        using var mesh = _mesh.Run(_faceInput, withFace.Count);
        for (var n = 0; n < withFace.Count; n++)
            _eyes.Add(n, images[withFace[n]], crops[n], Row(mesh[0], n, MeshLength));
        var openness = _eyes.Openness(withFace.Count);
        using var emotion = _emotion.Run(_greyInput, withFace.Count);
        for (var n = 0; n < withFace.Count; n++)
        {
            var detected = faces[withFace[n]];
            results[withFace[n]] = Row(mesh[1], n, 1)[0] < MinMeshConfidence
                ? new FaceAnalysis(detected.Count - 1, null, null, 0, false)
                : Describe(detected, openness[n], Row(emotion[0], n, Classes));
        }
    }

    private static FaceAnalysis Describe(List<DetectedFace> faces, float openness, ReadOnlySpan<float> probabilities) => new(
        faces.Count, Largest(faces).ToFaceBox(), ToProbabilities(probabilities), openness, openness < EyeAspectRatio.ClosedBelow);

    /// <summary>The model's class order, from human's src/gear/emotion.ts.</summary>
    private static EmotionProbabilities ToProbabilities(ReadOnlySpan<float> p) =>
        new() { Angry = p[0], Disgust = p[1], Fear = p[2], Happy = p[3], Sad = p[4], Surprise = p[5], Neutral = p[6] };

    private static DetectedFace Largest(List<DetectedFace> faces) => faces.MaxBy(face => face.Area);

    private static ReadOnlySpan<float> Row(OrtValue output, int index, int length) => output.GetTensorDataAsSpan<float>().Slice(index * length, length);
}
