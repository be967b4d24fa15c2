using StreamPlatform.Topology.Ports;

namespace StreamPlatform.Speech.Synthesis;

/// <summary>One way to speak.</summary>
public interface ISpeechEngine
{
    /// <summary>Name as metrics and answers show it.</summary>
    string Name { get; }

    /// <summary>A RIFF/WAVE file; null when this engine cannot speak now. Nothing is thrown but cancellation.</summary>
    /// <param name="request">Its text is plain already.</param>
    /// <param name="cancellationToken">Gives up.</param>
    Task<ReadOnlyMemory<byte>?> SpeakAsync(SpeechRequest request, CancellationToken cancellationToken);
}
