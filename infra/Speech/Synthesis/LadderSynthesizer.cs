using StreamPlatform.Topology.Caching;
using StreamPlatform.Topology.Ports;

namespace StreamPlatform.Speech.Synthesis;

/// <summary>Asks its engines in their order until one speaks (R-07: the provider, espeak-ng, else text); keeps what was spoken by text and voice.</summary>
public sealed class LadderSynthesizer : ISpeechSynthesizer, IDisposable
{
    private readonly IReadOnlyList<ISpeechEngine> engines;
    private readonly SynthesisOptions options;
    private readonly TimeProvider time;
    private readonly SharedCache<SpokenAudio> cache;

    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    public LadderSynthesizer(IReadOnlyList<ISpeechEngine> engines, SynthesisOptions options, TimeProvider time)
    {
        options.Validate();
        this.engines = engines;
        this.options = options;
        this.time = time;
        // 64 KiB is a second and a half of speech: shorter ones are rare
        cache = new(new((int)(options.CacheBytes / (64 * 1024)) + 1, options.CacheBytes, options.MaxSpeaking), time, "speech");
    }

    /// <summary>Told after each text that was not served from the cache whether any engine spoke it; must not block.</summary>
    public event Action<bool>? Spoke;

    public async Task<SpokenAudio?> SpeakAsync(SpeechRequest request, CancellationToken cancellationToken)
    {
        var plain = request with { Text = SpeechText.Plain(request.Text), Voice = request.Voice.Length > 0 ? request.Voice : options.Voice };
        if (plain.Text.Length == 0)
        {
            return null;
        }

        var (audio, use) = await cache.GetAsync($"{plain.Voice}\n{plain.Text}", stopping => MakeAsync(plain, stopping), cancellationToken);
        SynthesisMetrics.Requested(audio?.Engine ?? "text", use.ToString().ToLowerInvariant());
        return audio;
    }

    public void Dispose()
    {
        cache.Dispose();
        foreach (var engine in engines.OfType<IDisposable>())
        {
            engine.Dispose();
        }
    }

    private async Task<CacheFill<SpokenAudio>> MakeAsync(SpeechRequest request, CancellationToken cancellationToken)
    {
        for (var i = 0; i < engines.Count; i++)
        {
            var started = time.GetTimestamp();
            var wav = await engines[i].SpeakAsync(request, cancellationToken);
            SynthesisMetrics.Took(engines[i].Name, time.GetElapsedTime(started));
            if (wav is { } spoken)
            {
                Spoke?.Invoke(true);
                var lifetime = i == 0 ? options.LifetimeMs : options.StandInLifetimeMs;
                return new(new SpokenAudio(spoken, engines[i].Name), TimeSpan.FromMilliseconds(lifetime), spoken.Length);
            }

            SynthesisMetrics.Failed(engines[i].Name);
        }

        Spoke?.Invoke(false);
        return new(null, TimeSpan.Zero, 0);
    }
}
