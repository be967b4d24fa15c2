using Microsoft.ML.OnnxRuntime;
using StreamPlatform.Inference.Faces;
using StreamPlatform.Streams;
using StreamPlatform.Topology.Ports;

namespace StreamPlatform.Tests.Unit.Inference;

/// <summary>What is not asked for is not computed; who can wait waits.</summary>
public sealed class FaceOutputsTests
{
    [Fact]
    public void Images_of_one_batch_get_each_what_they_ask_for_and_nothing_else()
    {
        InferenceAssets.SkipWithoutModels();
        using var session = new SessionOptions();
        using var pipeline = new FacePipeline(new FaceAnalyzerOptions { ModelDirectory = InferenceAssets.Models }, session);
        var faces = ReferenceFace.All.Take(5).ToList();
        var images = faces.ConvertAll(face => face.Image());
        FaceOutputs[] asked = [FaceOutputs.FacePresence, FaceOutputs.All, FaceOutputs.Blink, FaceOutputs.Emotion, FaceOutputs.All];
        var results = pipeline.Analyse([.. images.Zip(asked, (image, outputs) => new FaceJob(image, outputs))]);
        for (var i = 0; i < results.Length; i++)
        {
            Assert.Equal(1, results[i].FaceCount);
            if (asked[i].HasFlag(FaceOutputs.Emotion))
                Assert.Equal(faces[i].Expected.Probabilities[3], results[i].Probabilities!.Happy, 1e-4f);
            else
                Assert.Null(results[i].Probabilities);
            Assert.Equal(asked[i].HasFlag(FaceOutputs.Blink) ? faces[i].Expected.EyeOpenness : 0, results[i].EyeOpenness, 1e-4f);
            Assert.False(results[i].EyesClosed);
        }

        images.ForEach(image => image.Dispose());
    }

    [Fact]
    public async Task An_image_of_which_nothing_may_be_computed_is_not_decoded()
    {
        await using var analyzer = InferenceAssets.Analyzer();
        await Assert.ThrowsAsync<ArgumentException>(() => analyzer.AnalyseAsync(new byte[] { 1 }, new FaceQuery(FaceOutputs.None, BatchPriority.High), CancellationToken.None).AsTask());
    }

    [Fact]
    public async Task A_live_frame_overtakes_the_frames_of_a_recording()
    {
        await using var analyzer = InferenceAssets.Analyzer(o => (o.MaxBatchSize, o.MaxInFlightImages, o.ConcurrentBatches) = (1, 8, 1));
        using var image = ReferenceFace.All[0].Image();
        var jpeg = StreamPlatform.Inference.Jpeg.JpegEncoder.Encode(image);
        var recording = Enumerable.Range(0, 30).Select(_ => analyzer.AnalyseAsync(jpeg, new FaceQuery(FaceOutputs.All, BatchPriority.Low), CancellationToken.None).AsTask()).ToList();
        await recording[0];
        await analyzer.AnalyseAsync(jpeg, FaceQuery.Everything, CancellationToken.None);
        Assert.InRange(recording.Count(frame => !frame.IsCompleted), 15, 29);
        await Task.WhenAll(recording);
    }
}
