namespace StreamPlatform.Streams;

internal sealed class MapAsyncNode<K, V, VOut>(
    string name, StepOptions options, Func<RecordContext, V, CancellationToken, Task<VOut>> call) : AsyncNode<K, V>(name, options)
{
    public Port<K, VOut> Out { get; } = new();

    public override void Process(RecordContext context, K key, V value)
    {
        context.Item.CurrentStep = Name;
        context.Item.StartCall(new Call(this, call, context.Derive(Name), key, value));
    }

    private sealed class Call(MapAsyncNode<K, V, VOut> node, Func<RecordContext, V, CancellationToken, Task<VOut>> call,
        RecordContext context, K key, V value) : AsyncCall(node, context.Item)
    {
        private VOut? result;

        protected override int TimeoutMs => node.Options.TimeoutMs;
        public override int? MaxAttempts => node.Options.MaxAttempts;
        protected override async Task Invoke(CancellationToken cancel) => result = await call(context, value, cancel).ConfigureAwait(false);
        public override void Continue() => node.Out.Forward(context, key, result!);
    }
}
