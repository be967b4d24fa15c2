using StreamPlatform.Hosting;
using StreamPlatform.Speech;
using StreamPlatform.Topology;
using StreamPlatform.Topology.Ladder;

namespace StreamPlatform.Services;

/// <summary>Audio to transcripts: by the provider's engine where one is configured, with the offline one behind it.</summary>
public static class TranscriptionService
{
    /// <exception cref="PlatformException">The offline engine, its model or Opus is not installed.</exception>
    public static async Task<IReadOnlyList<Processor>> OpenAsync(ServiceContext context, CancellationToken ct)
    {
        var providers = await context.ProvidersAsync(ct);
        try
        {
            var speech = context.Keep(SpeechEngines.Open(context.Options, providers?.Audio, context.Time, context.Loggers));
            speech.Recognizer.Heard += worked => context.Signals.Report(LadderComponent.Recogniser, worked);
            context.Show(new RecogniserHealth(speech.Recognizer, context.Time));
            return [new(InterviewTopology.BuildTranscription(context.Serdes, speech.Recognizer, speech.Segmenter, speech.Opus))];
        }
        catch (SpeechEngineUnavailableException missing)
        {
            throw new PlatformException(missing.Message, missing);
        }
    }
}
