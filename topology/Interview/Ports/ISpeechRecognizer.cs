namespace StreamPlatform.Topology.Ports;

/// <summary>Turns a segment of speech into text.</summary>
public interface ISpeechRecognizer
{
    /// <summary>Recognises one segment of PCM16 little-endian mono, 16 kHz, at most 30 s. Safe to call concurrently.</summary>
    ValueTask<RecognizedSpeech> RecognizeAsync(ReadOnlyMemory<byte> pcm16, CancellationToken cancellationToken);

    /// <summary>Name of the engine as stored with each segment, e.g. "pocketsphinx".</summary>
    string Engine { get; }
}

/// <param name="Text">Lower-case words separated by spaces; empty when nothing was understood.</param>
/// <param name="Confidence">0..1.</param>
public sealed record RecognizedSpeech(string Text, float Confidence);
