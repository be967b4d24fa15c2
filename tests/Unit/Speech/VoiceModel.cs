using StreamPlatform.Speech;
using StreamPlatform.Tests.Unit.House;

namespace StreamPlatform.Tests.Unit.Speech;

/// <summary>The Silero model that the set-up brings.</summary>
internal static class VoiceModel
{
    private static readonly string Path = System.IO.Path.Combine(
        Environment.GetEnvironmentVariable("STREAMPLATFORM_MODELS") ?? Repository.File(".cache/models"), SileroVoiceActivityDetector.FileName);

    public static SileroVoiceActivityDetector Open()
    {
        Assert.SkipUnless(File.Exists(Path), "run ./streamplatform once: its set-up brings the voice activity detector");
        return new(Path);
    }
}
