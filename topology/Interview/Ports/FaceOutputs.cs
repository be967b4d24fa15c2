using StreamPlatform.Streams;

namespace StreamPlatform.Topology.Ports;

/// <summary>What may be computed from a frame: each has its own consent.</summary>
[Flags]
public enum FaceOutputs
{
    /// <summary>Nothing: the frame must not be decoded.</summary>
    None = 0,

    /// <summary>The seven emotion classes.</summary>
    Emotion = 1,

    /// <summary>Whether and where faces are.</summary>
    FacePresence = 2,

    /// <summary>Openness of the eyes.</summary>
    Blink = 4,

    /// <summary>All three.</summary>
    All = Emotion | FacePresence | Blink,
}

/// <summary>What is asked about one image.</summary>
/// <param name="Outputs">What may be computed; the rest is neither computed nor returned.</param>
/// <param name="Priority">Whose batch it joins first: high for live frames, low for recordings.</param>
public readonly record struct FaceQuery(FaceOutputs Outputs, BatchPriority Priority)
{
    /// <summary>Everything, for somebody who looks on.</summary>
    public static FaceQuery Everything { get; } = new(FaceOutputs.All, BatchPriority.High);
}

/// <summary>Short forms of the port.</summary>
public static class EmotionModels
{
    /// <summary>Everything, at the priority of a live frame.</summary>
    public static ValueTask<FaceAnalysis> AnalyseAsync(this IEmotionModel model, ReadOnlyMemory<byte> jpeg, CancellationToken cancellationToken) =>
        model.AnalyseAsync(jpeg, FaceQuery.Everything, cancellationToken);
}
