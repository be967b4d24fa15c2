using StreamPlatform.Hosting;
using StreamPlatform.Speech;
using StreamPlatform.Topology;
using StreamPlatform.Topology.Speech;

namespace StreamPlatform.Services;

/// <summary>Audio to transcripts.</summary>
public static class TranscriptionService
{
    /// <exception cref="PlatformException">The recogniser or its model is not installed.</exception>
    public static Task<IReadOnlyList<Processor>> OpenAsync(ServiceContext context, CancellationToken ct)
    {
        var options = new PocketSphinxOptions { ModelDirectory = context.Options.SpeechModel };
        if (PocketSphinxRecognizer.FindMissing(options) is { } missing)
        {
            throw new PlatformException(missing);
        }

        var recognizer = context.Keep(new PocketSphinxRecognizer(options));
        var segmenter = new SpeechSegmenter(new EnergyVoiceActivityDetector(), new SegmenterOptions());
        return Task.FromResult<IReadOnlyList<Processor>>([new(InterviewTopology.BuildTranscription(context.Serdes, recognizer, segmenter))]);
    }
}
