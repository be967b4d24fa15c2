namespace StreamPlatform.Streams;

/// <summary>The topology or its surroundings are wrong in a way that only a person can fix; the message names the thing to fix.</summary>
public sealed class StreamsConfigurationException(string message, Exception? inner = null) : Exception(message, inner);
