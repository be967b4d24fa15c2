using OpenAI.Audio;

namespace StreamPlatform.Providers;

/// <summary>Speech through the OpenAI SDK.</summary>
internal sealed class SpeechProvider(ProviderOptions options, SdkClients clients, CallPipeline pipeline, PriceTable prices) : ISpeechProvider
{
    private const int MaxCharacters = 4096;

    public async Task<SpokenText> SpeakAsync(string text, string voice, CallContext context, CancellationToken cancellationToken)
    {
        if (text.Length is 0 or > MaxCharacters || voice.Length == 0)
        {
            throw new ProviderException(ProviderFailure.Rejected, $"the text has {text.Length} characters; it takes 1 to {MaxCharacters}, and a voice");
        }

        var model = options.SpeechModel;
        var cost = new CallCost(model, text.Length, 0, prices[model].Characters(text.Length), false);
        var plan = new CallPlan<ReadOnlyMemory<byte>>(model, cost.CostUsd, cost.CostUsd, options.SpeechTimeout, (key, ct) => AttemptAsync(text, voice, cost, key, ct));
        var answered = await pipeline.RunAsync(plan, context, cancellationToken);
        return new SpokenText(answered.Answer, answered.Cost);
    }

    private async Task<Answered<ReadOnlyMemory<byte>>> AttemptAsync(string text, string voice, CallCost cost, string key, CancellationToken ct)
    {
        BinaryData said = await clients.Audio(key, options.SpeechModel)
            .GenerateSpeechAsync(text, voice, new SpeechGenerationOptions { ResponseFormat = GeneratedSpeechFormat.Wav }, ct);
        var wav = said.ToMemory();
        return WavHeader.Seconds(wav.Span) is null
            ? throw new InvalidAnswerException("the answer is no RIFF/WAVE file", cost.CostUsd)
            : new(wav, cost);
    }
}
