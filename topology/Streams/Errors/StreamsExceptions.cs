namespace StreamPlatform.Streams;

/// <summary>Bytes that a serde cannot read or a value it cannot write. Classified as poison.</summary>
public sealed class SerializationException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>Thrown by a step for a record that can never succeed. Classified as poison.</summary>
public sealed class PoisonException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>Thrown by a step for a failure that may pass. Classified as transient.</summary>
public sealed class TransientException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>Thrown by a step for a failure that may pass much later (a quota, an outage). Classified as deferred.</summary>
public sealed class DeferredException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>The topology or its surroundings are wrong in a way that only a person can fix; the message names the thing to fix.</summary>
public sealed class StreamsConfigurationException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>A step failed with a fatal error; the instance stopped before the record's offset.</summary>
public sealed class FatalStepException(string message, Exception inner) : Exception(message, inner);
