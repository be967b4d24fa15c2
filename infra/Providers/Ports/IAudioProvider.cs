namespace StreamPlatform.Providers;

/// <summary>Speech to text of an OpenAI-compatible API (audio/transcriptions, verbose_json). Safe for concurrent use.</summary>
public interface IAudioProvider
{
    /// <param name="wav">A RIFF/WAVE file, at most 25 MB.</param>
    /// <param name="language">ISO 639-1, e.g. "en".</param>
    /// <exception cref="ProviderException">No answer; its kind says why. Nothing else is thrown but cancellation.</exception>
    Task<AudioTranscription> TranscribeAsync(ReadOnlyMemory<byte> wav, string language, CallContext context, CancellationToken cancellationToken);
}

/// <param name="Text">All segments, as the provider wrote them.</param>
/// <param name="Segments">In time order; may be empty.</param>
public sealed record AudioTranscription(string Text, IReadOnlyList<AudioSegment> Segments, CallCost Cost);

/// <param name="StartMs">From the file's first sample, milliseconds.</param>
/// <param name="EndMs">From the file's first sample, milliseconds.</param>
/// <param name="AverageLogProbability">Of its tokens; the exponential is a confidence 0..1.</param>
/// <param name="NoSpeechProbability">0..1.</param>
public sealed record AudioSegment(long StartMs, long EndMs, string Text, float AverageLogProbability, float NoSpeechProbability);
