using Google.Protobuf;

namespace StreamPlatform.Gateway.Kafka;

/// <summary>Where a tail begins.</summary>
public enum TailStart
{
    Beginning,
    End,
}

/// <summary>A committed record of a followed topic.</summary>
/// <param name="Key">Session id.</param>
/// <param name="Value">Null for a tombstone.</param>
public sealed record TailRecord(string Topic, string Key, IMessage? Value);

/// <summary>Reads topics without a consumer group: every partition, from the beginning or the end, on and on.</summary>
public interface IEventTail
{
    /// <summary>
    /// Calls <paramref name="onRecord"/> for each record and <paramref name="onCaughtUp"/> once, when every partition has been read to
    /// its end. Calls never overlap. Ends when cancelled; survives an unreachable broker. From the end: a tail that had to begin anew goes on where it was.
    /// </summary>
    Task RunAsync(IReadOnlyList<string> topics, TailStart start, Action<TailRecord> onRecord, Action onCaughtUp, CancellationToken cancellationToken);
}
