namespace StreamPlatform.Registry.Proto;

/// <summary>A schema that no Protobuf compiler would take; the message says where and why.</summary>
public sealed class InvalidSchemaException(string message, Exception? inner = null) : FormatException(message, inner);
