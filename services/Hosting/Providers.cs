using Microsoft.Extensions.Logging;
using StreamPlatform.Providers;

namespace StreamPlatform.Hosting;

/// <summary>Calls to AI providers, as the options and the environment configure them.</summary>
public static class Providers
{
    /// <summary>The provider that <see cref="PlatformOptions.Llm"/> names. To be disposed after all who call it.</summary>
    /// <param name="options">Address and keys. Names of models, prices and budgets come from the environment (docs/providers.md).</param>
    /// <param name="ledger">What was spent; null = one that forgets with the process.</param>
    /// <param name="keys">Which keys are in force and how much each is used; null = nobody keeps it.</param>
    /// <param name="observers">Told of every call and its cost.</param>
    /// <exception cref="ArgumentException">Names the option, variable or file to fix.</exception>
    public static ProviderSet Create(
        PlatformOptions options, TimeProvider time, ILoggerFactory loggers, ISpendLedger? ledger, IKeyLedger? keys, IReadOnlyList<ICallObserver> observers) =>
        ProviderSet.Create(Options(options), time, loggers, ledger, observers, keys);

    private static ProviderOptions Options(PlatformOptions options)
    {
        var provider = new ProviderOptions
        {
            BaseUrl = new Uri(options.Llm),
            Keys = KeyPoolOptions.Parse(options.LlmKeys),
        };
        provider.ReadEnvironment();
        return provider;
    }
}
