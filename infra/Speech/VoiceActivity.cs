using Microsoft.Extensions.Logging;
using StreamPlatform.Topology.Ports;

namespace StreamPlatform.Speech;

/// <summary>The best voice activity detector that there is.</summary>
public static class VoiceActivity
{
    /// <summary>Silero where its model lies in the directory, else loudness, and a log line says so.</summary>
    public static IVoiceActivityDetector Open(string modelDirectory, ILogger logger)
    {
        try
        {
            SileroVoiceActivityDetector silero = new(Path.Combine(modelDirectory, SileroVoiceActivityDetector.FileName));
            Log.VoiceModelLoaded(logger, silero.Name);
            return silero;
        }
        catch (SpeechEngineUnavailableException missing)
        {
            Log.VoiceModelMissing(logger, missing.Message);
            return new EnergyVoiceActivityDetector();
        }
    }
}
