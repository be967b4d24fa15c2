using Microsoft.ML.OnnxRuntime;
using StreamPlatform.Inference.Faces;
using StreamPlatform.Inference.Jpeg;
using StreamPlatform.Schemas.V1;

namespace StreamPlatform.Tests.Unit.Inference;

public sealed class FacePipelineTests : IDisposable
{
    private readonly SessionOptions _session = new();
    private readonly FacePipeline _pipeline;

    public FacePipelineTests()
    {
        InferenceAssets.SkipWithoutModels();
        _pipeline = new FacePipeline(new FaceAnalyzerOptions { ModelDirectory = InferenceAssets.Models }, _session);
    }

    [Fact]
    public void Detector_frames_each_face_as_the_reference_does()
    {
        foreach (var face in ReferenceFace.All)
        {
            using var image = face.Image();
            var found = Assert.Single(_pipeline.Detect([image])[0]);
            Assert.Equal(face.Crop, found.Crop(image.Width, image.Height));
            Assert.Equal(face.Expected.Confidence, found.Score, 1e-4f);
        }
    }

    [Fact]
    public void A_batch_gives_every_image_its_own_reference_result()
    {
        var images = ReferenceFace.All.Select(face => face.Image()).ToArray();
        var results = _pipeline.Analyse(images);
        foreach (var (face, result) in ReferenceFace.All.Zip(results))
        {
            Assert.Equal(face.Expected.FaceCount, result.FaceCount);
            float[] actual = Values(result.Probabilities!);
            for (var k = 0; k < actual.Length; k++)
                Assert.Equal(face.Expected.Probabilities[k], actual[k], 1e-4f);
            Assert.Equal(1, actual.Sum(), 1e-4f);
            Assert.Equal(face.Expected.EyeOpenness, result.EyeOpenness, 1e-4f);
            Assert.False(result.EyesClosed);
            Assert.InRange(result.Face!.Left, 0, 1);
            Assert.InRange(result.Face.Width, 0.1f, 0.9f);
        }

        Array.ForEach(images, image => image.Dispose());
    }

    [Fact]
    public void An_image_without_a_face_in_the_middle_of_a_batch_gives_no_face()
    {
        using var first = ReferenceFace.All[0].Image();
        using var grey = new RgbImage(320, 240);
        grey.Pixels.Fill(128);
        using var last = ReferenceFace.All[1].Image();
        var results = _pipeline.Analyse([first, grey, last]);
        Assert.Equal([1, 0, 1], results.Select(result => result.FaceCount));
        Assert.Null(results[1].Probabilities);
        Assert.Null(results[1].Face);
        Assert.Equal(0, results[1].EyeOpenness);
        Assert.Equal(ReferenceFace.All[1].Expected.Probabilities[6], results[2].Probabilities!.Neutral, 1e-4f);
    }

    [Fact]
    public void Overlapping_boxes_of_one_face_count_once_and_apart_ones_twice()
    {
        var fineScores = Enumerable.Repeat(-10f, BlazefaceDecoder.FineAnchors).ToArray();
        var fineBoxes = new float[BlazefaceDecoder.FineAnchors * BlazefaceDecoder.BoxLength];
        foreach (var (anchor, score) in new[] { (0, 1f), (1, 2f), (511, 3f) })
        {
            fineScores[anchor] = score;
            fineBoxes[(anchor * BlazefaceDecoder.BoxLength) + 2] = 30;
            fineBoxes[(anchor * BlazefaceDecoder.BoxLength) + 3] = 30;
        }

        var coarseScores = Enumerable.Repeat(-10f, BlazefaceDecoder.CoarseAnchors).ToArray();
        var faces = BlazefaceDecoder.Decode(fineScores, fineBoxes, coarseScores, new float[BlazefaceDecoder.CoarseAnchors * 16], 0.5f, 10);
        Assert.Equal(2, faces.Count);
        Assert.Equal((233f, 263f), (faces[0].Left, faces[0].Right));
        Assert.Equal((-7f, 23f), (faces[1].Left, faces[1].Right));
        Assert.Equal(1 / (1 + MathF.Exp(-2)), faces[1].Score, 1e-6f);
    }

    [Fact]
    public void Eye_aspect_ratio_follows_the_formula()
    {
        var landmarks = new float[EyeReader.LandmarksLength];
        int[] eye = [0, 11, 13, 8, 5, 3];
        (float X, float Y)[] points = [(0, 0), (10, 3), (20, 3), (30, 0), (20, -3), (10, -3)];
        for (var i = 0; i < 6; i++)
            (landmarks[eye[i] * 3], landmarks[(eye[i] * 3) + 1]) = points[i];
        Assert.Equal(12f / 60f, EyeAspectRatio.Of(landmarks), 1e-6f);
        Assert.Equal(0, EyeAspectRatio.Of(new float[EyeReader.LandmarksLength]));
    }

    public void Dispose()
    {
        _pipeline.Dispose();
        _session.Dispose();
    }

    private static float[] Values(EmotionProbabilities p) => [p.Angry, p.Disgust, p.Fear, p.Happy, p.Sad, p.Surprise, p.Neutral];
}
