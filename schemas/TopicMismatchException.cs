namespace StreamPlatform.Schemas;

/// <summary>A topic is there, but not as the catalogue says: joined topics would no longer meet on the same partition.</summary>
public sealed class TopicMismatchException(string topic, string message) : InvalidOperationException(message)
{
    /// <summary>The topic.</summary>
    public string Topic { get; } = topic;
}
