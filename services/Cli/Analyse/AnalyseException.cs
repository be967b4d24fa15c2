namespace StreamPlatform.Cli.Analyse;

/// <summary>A recorded video that cannot be analysed; the message names what to fix.</summary>
public sealed class AnalyseException(string message, Exception? inner = null) : Exception(message, inner);
