using System.Collections.Frozen;
using StreamPlatform.Schemas.V1;

namespace StreamPlatform.Gateway.Sessions;

/// <summary>Where emotion may be inferred at all: not in the European Union (Regulation 2024/1689, article 5(1)(f): emotion inference at work).</summary>
public static class Jurisdictions
{
    private static readonly FrozenSet<string> EuropeanUnion = new[]
    {
        "EU", "AT", "BE", "BG", "HR", "CY", "CZ", "DK", "EE", "FI", "FR", "DE", "GR", "HU", "IE", "IT", "LV", "LT", "LU", "MT", "NL",
        "PL", "PT", "RO", "SK", "SI", "ES", "SE",
    }.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    /// <summary>True when the law of <paramref name="jurisdiction"/> (ISO 3166 alpha-2 or "EU") permits emotion analysis; unknown ones do not.</summary>
    public static bool PermitsEmotion(string jurisdiction) => jurisdiction.Length == 2 && !EuropeanUnion.Contains(jurisdiction);

    /// <summary>Consent given and jurisdiction permits.</summary>
    public static bool EmotionAllowed(SessionState state) => state.Consents?.VideoEmotion == true && PermitsEmotion(state.Jurisdiction);
}
