using Microsoft.Extensions.Logging;
using StreamPlatform.Hosting;
using StreamPlatform.LanguageModels;
using StreamPlatform.LanguageModels.Provider;
using StreamPlatform.Topology;
using StreamPlatform.Topology.Ports;

namespace StreamPlatform.Services;

/// <summary>Answers and transcripts to scores: by the provider's model where one is configured, else by the rubric that needs no network.</summary>
public static class ScoringService
{
    public static async Task<IReadOnlyList<Processor>> OpenAsync(ServiceContext context, CancellationToken ct)
    {
        ILanguageModel model = await context.ProvidersAsync(ct) is { } providers
            ? new ProviderLanguageModel(providers.Chat, new ProviderScoringOptions(), context.Time, context.Loggers.CreateLogger<ProviderLanguageModel>())
            : new OfflineRubric();
        return [new(InterviewTopology.BuildScoring(context.Serdes, model, context.Time))];
    }
}
