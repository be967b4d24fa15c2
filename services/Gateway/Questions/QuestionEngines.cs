using Microsoft.Extensions.DependencyInjection;
using StreamPlatform.LanguageModels.Questions;
using StreamPlatform.Providers;
using StreamPlatform.Speech.Synthesis;
using StreamPlatform.Topology.Caching;
using StreamPlatform.Topology.Ladder;
using StreamPlatform.Topology.Ports;

namespace StreamPlatform.Gateway.Questions;

/// <summary>Who writes questions and who reads them aloud. Without a provider: the bank, and espeak-ng where it is installed.</summary>
public static class QuestionEngines
{
    /// <summary>Registers what there is; the gateway goes without the rest.</summary>
    /// <param name="services">The gateway's.</param>
    /// <param name="chat">Null = no question is generated.</param>
    /// <param name="speech">Null = espeak-ng speaks.</param>
    /// <param name="caches">Shares generated questions among the gateways.</param>
    /// <param name="signals">Told whether the engines speak.</param>
    /// <param name="time">Clock.</param>
    public static void AddTo(IServiceCollection services, IChatProvider? chat, ISpeechProvider? speech, ICacheTier caches, SignalBoard signals, TimeProvider time)
    {
        if (chat is not null)
        {
            services.AddSingleton<IQuestionWriter>(_ => new ModelQuestionWriter(chat, new QuestionWriterOptions(), caches, time));
        }

        var synthesis = new SynthesisOptions();
        var offline = EspeakSpeech.IsInstalled(synthesis);
        if (speech is not null || offline)
        {
            services.AddSingleton<ISpeechSynthesizer>(_ => Watched(
                new LadderSynthesizer(
                    [
                        .. speech is null ? Array.Empty<ISpeechEngine>() : [new ProviderSpeech(speech, synthesis, time)],
                        .. offline ? [new EspeakSpeech(synthesis, time)] : Array.Empty<ISpeechEngine>(),
                    ],
                    synthesis, time),
                signals));
        }
    }

    /// <summary>Tells the ladder how reading aloud goes.</summary>
    public static LadderSynthesizer Watched(LadderSynthesizer synthesizer, SignalBoard signals)
    {
        synthesizer.Spoke += worked => signals.Report(LadderComponent.Synthesiser, worked);
        return synthesizer;
    }
}
