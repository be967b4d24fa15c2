using OpenAI.Audio;

namespace StreamPlatform.Providers;

/// <summary>Transcriptions through the OpenAI SDK.</summary>
internal sealed class AudioProvider(ProviderOptions options, SdkClients clients, CallPipeline pipeline, PriceTable prices) : IAudioProvider
{
    private const int MaxBytes = 25 * 1024 * 1024;

    public async Task<AudioTranscription> TranscribeAsync(ReadOnlyMemory<byte> wav, string language, CallContext context, CancellationToken cancellationToken)
    {
        if (wav.Length > MaxBytes)
        {
            throw new ProviderException(ProviderFailure.Rejected, $"the file has {wav.Length} bytes; at most {MaxBytes} are accepted");
        }

        if (WavHeader.Seconds(wav.Span) is not { } seconds)
        {
            throw new ProviderException(ProviderFailure.Rejected, "the file is no RIFF/WAVE file");
        }

        var model = options.AudioModel;
        var charged = (long)Math.Ceiling(seconds);
        var cost = new CallCost(model, charged, 0, prices[model].AudioSeconds(charged), false);
        var plan = new CallPlan<AudioTranscription>(model, cost.CostUsd, cost.CostUsd, options.AudioTimeout, (key, ct) => AttemptAsync(wav, language, cost, key, ct));
        var answered = await pipeline.RunAsync(plan, context, cancellationToken);
        return answered.Answer with { Cost = answered.Cost };
    }

    private async Task<Answered<AudioTranscription>> AttemptAsync(ReadOnlyMemory<byte> wav, string language, CallCost cost, string key, CancellationToken ct)
    {
        var wanted = new AudioTranscriptionOptions
        {
            Language = language,
            ResponseFormat = AudioTranscriptionFormat.Verbose,
            TimestampGranularities = AudioTimestampGranularities.Segment,
        };
        using var file = BinaryData.FromBytes(wav).ToStream();
        OpenAI.Audio.AudioTranscription said = await clients.Audio(key, options.AudioModel).TranscribeAudioAsync(file, "audio.wav", wanted, ct);
        if (said.Text is null)
        {
            throw new InvalidAnswerException("the answer holds no text", cost.CostUsd);
        }

        AudioSegment[] segments =
        [
            .. said.Segments.Select(s => new AudioSegment(
                (long)s.StartTime.TotalMilliseconds, (long)s.EndTime.TotalMilliseconds, s.Text.Trim(), s.AverageLogProbability, s.NoSpeechProbability)),
        ];
        return new(new AudioTranscription(said.Text.Trim(), segments, cost), cost);
    }
}
