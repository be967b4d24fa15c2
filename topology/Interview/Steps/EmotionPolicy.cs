using System.Collections.Frozen;
using StreamPlatform.Schemas.V1;
using StreamPlatform.Topology.Ports;

namespace StreamPlatform.Topology.Steps;

/// <summary>What may be computed from a session's frames: three switches, each with its consent; the jurisdiction may forbid one. The gateway and the processor ask here.</summary>
public static class EmotionPolicy
{
    /// <summary>The three switches, with the name that audit actions begin with.</summary>
    public static readonly IReadOnlyList<(FaceOutputs Output, string Name)> Switches =
        [(FaceOutputs.Emotion, "emotion"), (FaceOutputs.FacePresence, "face-presence"), (FaceOutputs.Blink, "blink")];

    // Regulation (EU) 2024/1689 (AI Act), article 5(1)(f): no emotion inference at the workplace, recruiting included.
    private static readonly FrozenSet<string> Forbidden = new[]
    {
        "EU", "AT", "BE", "BG", "HR", "CY", "CZ", "DK", "EE", "FI", "FR", "DE", "GR", "HU", "IE", "IT", "LV", "LT", "LU", "MT", "NL", "PL",
        "PT", "RO", "SK", "SI", "ES", "SE",
    }.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    /// <summary>What may be computed; None = the frame must not be decoded.</summary>
    public static FaceOutputs Allowed(SessionState session) =>
        Switches.Aggregate(FaceOutputs.None, (allowed, s) => DenialReason(session, s.Output) is null ? allowed | s.Output : allowed);

    /// <summary>Null when one output may be computed, else the reason in words.</summary>
    public static string? DenialReason(SessionState session, FaceOutputs output) =>
        !Consented(session.Consents, output) ? $"no consent to {Purpose(output)}"
        : session.Jurisdiction.Length != 2 ? $"jurisdiction '{session.Jurisdiction}' is unknown"
        : output == FaceOutputs.Emotion && Forbidden.Contains(session.Jurisdiction) ? $"jurisdiction {session.Jurisdiction} forbids emotion analysis"
        : null;

    /// <summary>True when emotion may be analysed.</summary>
    public static bool AllowsEmotion(SessionState session) => DenialReason(session, FaceOutputs.Emotion) is null;

    /// <summary>True when frames are of any use.</summary>
    public static bool AllowsFrames(SessionState session) => Allowed(session) != FaceOutputs.None;

    private static bool Consented(Consents? consents, FaceOutputs output) => output switch
    {
        FaceOutputs.Emotion => consents is { VideoEmotion: true },
        FaceOutputs.FacePresence => consents is { FacePresence: true },
        FaceOutputs.Blink => consents is { Blink: true },
        _ => false,
    };

    private static string Purpose(FaceOutputs output) => output switch
    {
        FaceOutputs.Emotion => "emotion analysis",
        FaceOutputs.FacePresence => "face presence",
        _ => "blinks",
    };
}
