namespace StreamPlatform.Schemas;

/// <summary>
/// Bytes that are no event of the expected type, and never will be: not Confluent's wire format, or broken Protobuf. A consumer
/// treats it as poison (dead letter), never as something to retry.
/// </summary>
public sealed class MalformedEventException(string message, Exception? inner = null) : FormatException(message, inner);
