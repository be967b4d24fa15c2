using System.Globalization;

namespace StreamPlatform.Providers;

/// <summary>Settings of providers in environment variables.</summary>
public static class ProviderEnvironment
{
    /// <summary>
    /// Fills what is set: STREAMPLATFORM_LLM_CHEAP_MODEL, _STRONG_MODEL, _AUDIO_MODEL, _SPEECH_MODEL, _PRICES, _KEY_RPM, _KEY_IN_FLIGHT, _CONCURRENCY,
    /// _BUDGET_SESSION, _BUDGET_TENANT, _BUDGET_MONTH (USD). Units and ranges: docs/providers.md.
    /// </summary>
    /// <param name="options">Filled.</param>
    /// <param name="read">Value of a variable or null; default: the process's.</param>
    /// <exception cref="ArgumentException">Names the variable and what it takes.</exception>
    public static void ReadEnvironment(this ProviderOptions options, Func<string, string?>? read = null)
    {
        var get = read ?? Environment.GetEnvironmentVariable;
        options.CheapModel = Text("CHEAP_MODEL", options.CheapModel);
        options.StrongModel = Text("STRONG_MODEL", options.StrongModel);
        options.AudioModel = Text("AUDIO_MODEL", options.AudioModel);
        options.SpeechModel = Text("SPEECH_MODEL", options.SpeechModel);
        options.PriceFile = Text("PRICES", options.PriceFile);
        options.Keys.RequestsPerMinute = Whole("KEY_RPM", options.Keys.RequestsPerMinute);
        options.Keys.MaxInFlight = Whole("KEY_IN_FLIGHT", options.Keys.MaxInFlight);
        options.MaxConcurrentCalls = Whole("CONCURRENCY", options.MaxConcurrentCalls);
        options.Budgets.SessionUsd = Usd("BUDGET_SESSION", options.Budgets.SessionUsd);
        options.Budgets.TenantMonthUsd = Usd("BUDGET_TENANT", options.Budgets.TenantMonthUsd);
        options.Budgets.MonthUsd = Usd("BUDGET_MONTH", options.Budgets.MonthUsd);

        string Text(string name, string fallback) => get("STREAMPLATFORM_LLM_" + name) is { Length: > 0 } value ? value : fallback;

        int Whole(string name, int fallback) => Text(name, "") is not { Length: > 0 } value ? fallback
            : int.TryParse(value, NumberStyles.Integer, CultureInfo.InvariantCulture, out var whole) ? whole
            : throw new ArgumentException($"STREAMPLATFORM_LLM_{name} is '{value}'; it takes a whole number");

        decimal Usd(string name, decimal fallback) => Text(name, "") is not { Length: > 0 } value ? fallback
            : decimal.TryParse(value, NumberStyles.Number, CultureInfo.InvariantCulture, out var usd) ? usd
            : throw new ArgumentException($"STREAMPLATFORM_LLM_{name} is '{value}'; it takes an amount in USD such as 0.10");
    }
}
