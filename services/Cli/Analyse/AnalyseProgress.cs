namespace StreamPlatform.Cli.Analyse;

/// <summary>How far an analysis is.</summary>
/// <param name="Phase">What is going on, in words.</param>
/// <param name="Expected">Frames that the file will give, about.</param>
/// <param name="Read">Frames read and confirmed by Kafka.</param>
/// <param name="Analysed">Frames with a result.</param>
public sealed record AnalyseProgress(string Phase, long Expected, long Read, long Analysed);
