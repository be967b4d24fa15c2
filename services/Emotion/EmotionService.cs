using Microsoft.Extensions.Logging;
using StreamPlatform.Hosting;
using StreamPlatform.Inference.Faces;
using StreamPlatform.Topology;

namespace StreamPlatform.Services;

/// <summary>Frames to emotions.</summary>
public static class EmotionService
{
    public static Task<IReadOnlyList<Processor>> OpenAsync(ServiceContext context, CancellationToken ct)
    {
        var options = new FaceAnalyzerOptions { ModelDirectory = context.Options.Models, UseCuda = context.Options.Cuda };
        var faces = context.Keep(new FaceAnalyzer(options, context.Time, context.Loggers.CreateLogger<FaceAnalyzer>()));
        return Task.FromResult<IReadOnlyList<Processor>>([new(InterviewTopology.BuildEmotion(context.Serdes, faces, context.Time))]);
    }
}
