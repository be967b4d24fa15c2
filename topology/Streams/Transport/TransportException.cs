namespace StreamPlatform.Streams;

/// <summary>An error of the transport, classified where it is first understood.</summary>
public sealed class TransportException(TransportFailure failure, string message, Exception? inner = null) : Exception(message, inner)
{
    public TransportFailure Failure { get; } = failure;
}
