namespace StreamPlatform.Streams;

/// <summary>A retry topic: its records enter where those of its origin do, once they are due.</summary>
internal sealed class RetrySourceNode(SourceNode origin, TimeSpan delay) : SourceNode("retry", RetryTopics.TopicOf(origin.Topic, delay))
{
    public SourceNode Origin => origin;
    public TimeSpan Delay => delay;
    public override bool IsTable => false;
    public override RetryNode? Retry => origin.Retry;
    public override string Detail => $"{origin.Topic} again after {delay}";
    public override void Prepare(WorkItem item) => origin.Prepare(item);
    public override void Deliver(WorkItem item) => origin.Deliver(item);
}
