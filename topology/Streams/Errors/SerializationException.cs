namespace StreamPlatform.Streams;

/// <summary>Bytes that a serde cannot read or a value it cannot write. Classified as poison.</summary>
public sealed class SerializationException(string message, Exception? inner = null) : Exception(message, inner);
