namespace StreamPlatform.Streams;

/// <summary>What an error means for the record that met it; decided once, where the error is first understood.</summary>
public enum ErrorClass
{
    /// <summary>May succeed when tried again soon: retried in place, only the record's key waits.</summary>
    Transient,
    /// <summary>May succeed much later: to the input's <see cref="RetryTopics"/>; without them handled as <see cref="Transient"/>.</summary>
    Deferred,
    /// <summary>Never succeeds: the record goes to the dead-letter topic in the same transaction.</summary>
    Poison,
    /// <summary>The instance cannot go on: it stops, its health turns red, no offset passes the record.</summary>
    Fatal,
}
