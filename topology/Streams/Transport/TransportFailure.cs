namespace StreamPlatform.Streams;

/// <summary>How the runtime goes on after a transport error.</summary>
public enum TransportFailure
{
    /// <summary>The same call may be repeated.</summary>
    Retriable,
    /// <summary>The transaction must be aborted; its batch may be produced again.</summary>
    Abortable,
    /// <summary>The client is lost (fenced or fatal): all clients are rebuilt and state is restored.</summary>
    Fatal,
    /// <summary>Only a person can fix it.</summary>
    Configuration,
}
