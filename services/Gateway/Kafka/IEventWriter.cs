using Google.Protobuf;

namespace StreamPlatform.Gateway.Kafka;

/// <summary>One record to write.</summary>
/// <param name="Topic">Name from <c>Topics</c>.</param>
/// <param name="SessionId">Becomes the key, as UTF-8.</param>
/// <param name="Tenant">Header <c>tenant</c>.</param>
/// <param name="Id">Header <c>ce_id</c>: deterministic, unique per record of the topic.</param>
/// <param name="TimestampMs">Event time, Unix milliseconds; becomes the record's timestamp.</param>
/// <param name="Traceparent">Header <c>traceparent</c> (W3C).</param>
/// <param name="Value">Message of the topic; its full name becomes header <c>ce_type</c>.</param>
public sealed record EventRecord(
    string Topic, string SessionId, string Tenant, string Id, long TimestampMs, string Traceparent, IMessage Value);

/// <summary>Writes records durably, in the order of the calls per session and topic.</summary>
public interface IEventWriter
{
    /// <summary>
    /// Hands the record over before returning; the task completes when Kafka has confirmed it on all in-sync replicas.
    /// Faults with <see cref="EventWriteException"/>.
    /// </summary>
    Task WriteAsync(EventRecord record);
}

/// <summary>A record that Kafka did not take.</summary>
public sealed class EventWriteException(string code, string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary><see cref="RefusalCodes.Overloaded"/> or <see cref="RefusalCodes.KafkaUnavailable"/>.</summary>
    public string Code { get; } = code;
}
