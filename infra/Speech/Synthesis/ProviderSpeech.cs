using StreamPlatform.Providers;
using StreamPlatform.Topology.Ports;

namespace StreamPlatform.Speech.Synthesis;

/// <summary>Speech of an OpenAI-compatible API. Breaker (R-21: TTS 5/3/30 s/3), retries and budget are the provider's.</summary>
public sealed class ProviderSpeech(ISpeechProvider provider, SynthesisOptions options, TimeProvider time) : ISpeechEngine
{
    public string Name => "provider";

    public async Task<ReadOnlyMemory<byte>?> SpeakAsync(SpeechRequest request, CancellationToken cancellationToken)
    {
        using var waiting = new CancellationTokenSource(TimeSpan.FromMilliseconds(options.ProviderWaitMs), time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(waiting.Token, cancellationToken);
        try
        {
            var spoken = await provider.SpeakAsync(
                request.Text, request.Voice, new CallContext(request.Tenant, request.SessionId, "speak", CallPriority.High, RetryClass.Live), either.Token);
            var wav = spoken.Wav.ToArray();
            // not "? wav : null": a null array becomes an empty memory
            return wav.Length <= options.MaxWavBytes && WavHeader.TryComplete(wav) ? new ReadOnlyMemory<byte>(wav) : default(ReadOnlyMemory<byte>?);
        }
        catch (ProviderException)
        {
            return null;
        }
        catch (OperationCanceledException) when (waiting.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            return null;
        }
    }
}
