namespace StreamPlatform.Streams;

internal sealed class SinkNode<K, V>(string name, SinkOptions options, Func<IReadOnlyList<SinkRecord<K, V>>, CancellationToken, Task> write)
    : Node<K, V>("sink", name), ISinkNode
{
    public int SinkIndex { get; set; } = -1;
    public override string Detail => $"batches of {options.MaxRecords} within {options.LingerMs} ms";

    public ISinkWriter CreateWriter(Kernel kernel) => new SinkWriter<K, V>(kernel, Name, options, write);

    public override void Process(RecordContext context, K key, V value)
    {
        context.Item.CurrentStep = Name;
        context.Item.PendingSinks++;
        ((SinkWriter<K, V>)context.Item.Task.Kernel.Sinks[SinkIndex]).Add(new SinkRecord<K, V>(key, value, context));
    }
}
