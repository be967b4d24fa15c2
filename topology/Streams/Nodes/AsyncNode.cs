namespace StreamPlatform.Streams;

/// <summary>An asynchronous step. Its concurrency gate belongs to the instance, not to a task.</summary>
internal abstract class AsyncNode<K, V>(string name, StepOptions options) : Node<K, V>("map-async", name), IGatedNode
{
    public StepOptions Options { get; } = options;
    public override bool IsAsync => true;
    public override string Detail => $"at most {Options.MaxConcurrency} at once";
    public int MaxConcurrency => Options.MaxConcurrency;
    public int GateIndex { get; set; } = -1;
}
