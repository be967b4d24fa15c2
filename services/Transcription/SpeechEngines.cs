using Microsoft.Extensions.Logging;
using StreamPlatform.Hosting;
using StreamPlatform.Providers;
using StreamPlatform.Speech;
using StreamPlatform.Speech.Opus;
using StreamPlatform.Topology.Ports;
using StreamPlatform.Topology.Speech;

namespace StreamPlatform.Services;

/// <summary>What the transcription works with: where speech is, how it is decoded, who hears it.</summary>
internal sealed class SpeechEngines : IAsyncDisposable
{
    private const string Language = "en";

    private readonly PocketSphinxRecognizer offline;
    private readonly IVoiceActivityDetector detector;

    private SpeechEngines(PocketSphinxRecognizer offline, IVoiceActivityDetector detector, FailoverRecognizer recognizer)
    {
        this.offline = offline;
        this.detector = detector;
        Recognizer = recognizer;
        Segmenter = new SpeechSegmenter(detector, new SegmenterOptions());
        Opus = new OpusDecoder();
    }

    /// <summary>The provider's engine where one is configured, with the offline one behind it.</summary>
    public FailoverRecognizer Recognizer { get; }

    public SpeechSegmenter Segmenter { get; }

    public IOpusDecoder Opus { get; }

    /// <param name="first">Null where no provider is configured: then everything is heard offline.</param>
    /// <exception cref="SpeechEngineUnavailableException">The offline engine or Opus is missing.</exception>
    public static SpeechEngines Open(PlatformOptions options, IAudioProvider? first, TimeProvider time, ILoggerFactory loggers)
    {
        var speech = new PocketSphinxOptions { ModelDirectory = options.SpeechModel };
        if ((PocketSphinxRecognizer.FindMissing(speech) ?? OpusDecoder.FindMissing()) is { } missing)
        {
            throw new SpeechEngineUnavailableException(missing);
        }

        var offline = new PocketSphinxRecognizer(speech);
        var engine = first is null ? null : new ProviderRecognizer(first, Language);
        var recognizer = new FailoverRecognizer(engine, offline, new FailoverOptions(), time, loggers.CreateLogger<FailoverRecognizer>());
        return new(offline, VoiceActivity.Open(options.Models, loggers.CreateLogger<SpeechSegmenter>()), recognizer);
    }

    public async ValueTask DisposeAsync()
    {
        await offline.DisposeAsync();
        (detector as IDisposable)?.Dispose();
    }
}
