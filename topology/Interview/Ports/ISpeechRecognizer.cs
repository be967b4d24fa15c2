namespace StreamPlatform.Topology.Ports;

/// <summary>Turns a segment of speech into text. Safe for concurrent use.</summary>
public interface ISpeechRecognizer
{
    /// <summary>Name of the engine as stored with each segment whose result does not name another, e.g. "pocketsphinx".</summary>
    string Engine { get; }

    /// <summary>Recognises one segment of PCM16 little-endian mono, 16 kHz, at most 30 s.</summary>
    ValueTask<RecognizedSpeech> RecognizeAsync(ReadOnlyMemory<byte> pcm16, CancellationToken cancellationToken);

    /// <summary>As <see cref="RecognizeAsync(ReadOnlyMemory{byte}, CancellationToken)"/>, for engines that account for their use.</summary>
    ValueTask<RecognizedSpeech> RecognizeAsync(ReadOnlyMemory<byte> pcm16, SpeechContext context, CancellationToken cancellationToken) =>
        RecognizeAsync(pcm16, cancellationToken);

    /// <summary>Recognises what there is of an open segment, for the eye only. Null when that would cost money or make a whole segment wait.</summary>
    ValueTask<RecognizedSpeech?> TryRecognizeInterimAsync(ReadOnlyMemory<byte> pcm16, CancellationToken cancellationToken) =>
        ValueTask.FromResult<RecognizedSpeech?>(null);
}

/// <summary>Whose speech it is: who pays for a call.</summary>
public sealed record SpeechContext(string Tenant, string SessionId);

/// <param name="Text">What was said, as the engine writes it; empty when nothing was understood.</param>
/// <param name="Confidence">0..1.</param>
/// <param name="Engine">Which engine heard it; empty = the recogniser's own name.</param>
public sealed record RecognizedSpeech(string Text, float Confidence, string Engine = "");
