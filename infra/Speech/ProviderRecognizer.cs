using StreamPlatform.Providers;
using StreamPlatform.Topology.Ports;

namespace StreamPlatform.Speech;

/// <summary>Speech recognition by an OpenAI-compatible API. Keys, breaker, retries and metering are the provider's.</summary>
/// <remarks>
/// Confidence is the exponential of the mean log probability of the tokens, over the API's segments weighted by their length. An answer
/// without segments has confidence 0, so that a person looks at it. Segments that are noise by Whisper's own rule (no-speech probability
/// above 0.6 and mean log probability below -1; openai/whisper, transcribe.py) have no words.
/// </remarks>
public sealed class ProviderRecognizer(IAudioProvider provider, string language) : ISpeechRecognizer
{
    private const float MaxNoSpeech = 0.6f;
    private const float LeastLogProbability = -1f;

    public string Engine => "api";

    /// <exception cref="ProviderException">No answer.</exception>
    public ValueTask<RecognizedSpeech> RecognizeAsync(ReadOnlyMemory<byte> pcm16, CancellationToken cancellationToken) =>
        RecognizeAsync(pcm16, new SpeechContext("", ""), cancellationToken);

    /// <exception cref="ProviderException">No answer.</exception>
    public async ValueTask<RecognizedSpeech> RecognizeAsync(ReadOnlyMemory<byte> pcm16, SpeechContext context, CancellationToken cancellationToken)
    {
        CallContext call = new(context.Tenant, context.SessionId, "transcribe", CallPriority.High, RetryClass.Live);
        AudioTranscription heard = await provider.TranscribeAsync(WaveFile.Write(pcm16.Span), language, call, cancellationToken).ConfigureAwait(false);
        string engine = heard.Cost.Model.Length > 0 ? heard.Cost.Model : Engine;
        if (heard.Segments.Count == 0)
        {
            return new(heard.Text.Trim(), 0f, engine);
        }
        double weighted = 0;
        long length = 0;
        List<string> texts = [];
        foreach (AudioSegment segment in heard.Segments)
        {
            if (segment.NoSpeechProbability > MaxNoSpeech && segment.AverageLogProbability < LeastLogProbability)
            {
                continue;
            }
            long ms = Math.Max(1, segment.EndMs - segment.StartMs);
            weighted += Math.Exp(Math.Min(0, segment.AverageLogProbability)) * ms;
            length += ms;
            texts.Add(segment.Text.Trim());
        }
        string text = string.Join(' ', texts.Where(part => part.Length > 0));
        return new(text, text.Length == 0 || !double.IsFinite(weighted) ? 0f : (float)(weighted / length), engine);
    }
}
