namespace StreamPlatform.Providers;

/// <summary>Text to speech of an OpenAI-compatible API (audio/speech). Safe for concurrent use.</summary>
public interface ISpeechProvider
{
    /// <param name="text">At most 4,096 characters.</param>
    /// <param name="voice">The provider's name of a voice, e.g. "alloy".</param>
    /// <returns>A RIFF/WAVE file.</returns>
    /// <exception cref="ProviderException">No answer; its kind says why. Nothing else is thrown but cancellation.</exception>
    Task<SpokenText> SpeakAsync(string text, string voice, CallContext context, CancellationToken cancellationToken);
}

/// <param name="Wav">A RIFF/WAVE file.</param>
public sealed record SpokenText(ReadOnlyMemory<byte> Wav, CallCost Cost);
