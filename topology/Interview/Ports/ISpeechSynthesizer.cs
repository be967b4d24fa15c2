namespace StreamPlatform.Topology.Ports;

/// <summary>Reads text aloud. Safe for concurrent use.</summary>
public interface ISpeechSynthesizer
{
    /// <summary>The spoken text; null when no engine speaks: the text on the screen must do.</summary>
    /// <exception cref="OperationCanceledException">The caller gave up. Nothing else is thrown.</exception>
    Task<SpokenAudio?> SpeakAsync(SpeechRequest request, CancellationToken cancellationToken);
}

/// <param name="Tenant">Who pays.</param>
/// <param name="SessionId">Whose budget pays.</param>
/// <param name="Text">At most 4,096 characters.</param>
/// <param name="Voice">The provider's name of a voice; empty = the configured one.</param>
public sealed record SpeechRequest(string Tenant, string SessionId, string Text, string Voice = "");

/// <param name="Wav">A RIFF/WAVE file.</param>
/// <param name="Engine">Who spoke, e.g. "espeak-ng".</param>
public sealed record SpokenAudio(ReadOnlyMemory<byte> Wav, string Engine);
