using Microsoft.Extensions.Logging;

namespace StreamPlatform.Speech;

/// <summary>Every log message of this project. Nothing that was said.</summary>
internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Warning, "Speech recognition switched to {Engine}: {Cause}")]
    public static partial void OnOfflineEngine(ILogger logger, string engine, string cause);

    [LoggerMessage(2, LogLevel.Information, "Speech recognition is back on {Engine}")]
    public static partial void BackOnFirstEngine(ILogger logger, string engine);

    [LoggerMessage(3, LogLevel.Warning, "Speech is found by loudness alone: {Cause}")]
    public static partial void VoiceModelMissing(ILogger logger, string cause);

    [LoggerMessage(4, LogLevel.Information, "Speech is found by {Detector}")]
    public static partial void VoiceModelLoaded(ILogger logger, string detector);
}
