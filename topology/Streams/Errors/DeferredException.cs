namespace StreamPlatform.Streams;

/// <summary>Thrown by a step for a failure that may pass much later (a quota, an outage). Classified as deferred.</summary>
public sealed class DeferredException(string message, Exception? inner = null) : Exception(message, inner);
