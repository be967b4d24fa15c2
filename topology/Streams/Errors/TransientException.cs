namespace StreamPlatform.Streams;

/// <summary>Thrown by a step for a failure that may pass. Classified as transient.</summary>
public sealed class TransientException(string message, Exception? inner = null) : Exception(message, inner);
