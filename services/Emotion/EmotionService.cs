using Microsoft.Extensions.Logging;
using StreamPlatform.Hosting;
using StreamPlatform.Inference.Faces;
using StreamPlatform.Topology;
using StreamPlatform.Topology.Load;
using StreamPlatform.Topology.Steps;

namespace StreamPlatform.Services;

/// <summary>Frames to emotions.</summary>
public static class EmotionService
{
    public static Task<IReadOnlyList<Processor>> OpenAsync(ServiceContext context, CancellationToken ct)
    {
        var options = new FaceAnalyzerOptions { ModelDirectory = context.Options.Models, UseCuda = context.Options.Cuda };
        var faces = context.Keep(new FaceAnalyzer(options, context.Time, context.Loggers.CreateLogger<FaceAnalyzer>()));
        var logger = context.Loggers.CreateLogger<FrameLoad>();
        var load = context.Keep(new FrameLoad(new FrameLoadOptions(), context.Time, (from, to) => Log.SamplingChanged(logger, from, to, Sampling.OneIn[to])));
        return Task.FromResult<IReadOnlyList<Processor>>([new(InterviewTopology.BuildEmotion(context.Serdes, faces, context.Time, load.Observe))]);
    }
}
