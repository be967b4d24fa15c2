using System.Collections.Frozen;
using StreamPlatform.Schemas.V1;

namespace StreamPlatform.Topology.Steps;

/// <summary>Whether a session's frames may be analysed for emotion. The gateway and the processor ask the same question here.</summary>
public static class EmotionPolicy
{
    // Regulation (EU) 2024/1689 (AI Act), article 5(1)(f): no emotion inference at the workplace, recruiting included.
    private static readonly FrozenSet<string> Forbidden = new[]
    {
        "EU", "AT", "BE", "BG", "HR", "CY", "CZ", "DK", "EE", "FI", "FR", "DE", "GR", "HU", "IE", "IT", "LV", "LT", "LU", "MT", "NL", "PL",
        "PT", "RO", "SK", "SI", "ES", "SE",
    }.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    /// <summary>Null when frames may be analysed, else the reason in words.</summary>
    public static string? DenialReason(SessionState session) =>
        session.Consents is not { VideoEmotion: true } ? "no consent to emotion analysis"
        : session.Jurisdiction.Length != 2 ? $"jurisdiction '{session.Jurisdiction}' is unknown"
        : Forbidden.Contains(session.Jurisdiction) ? $"jurisdiction {session.Jurisdiction} forbids emotion analysis"
        : null;

    /// <summary>True when frames may be analysed.</summary>
    public static bool Allows(SessionState session) => DenialReason(session) is null;
}
