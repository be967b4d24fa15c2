namespace StreamPlatform.Streams;

/// <summary>Thrown by a step for a record that can never succeed. Classified as poison.</summary>
public sealed class PoisonException(string message, Exception? inner = null) : Exception(message, inner);
