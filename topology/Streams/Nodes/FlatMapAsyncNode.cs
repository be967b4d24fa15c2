namespace StreamPlatform.Streams;

/// <summary>As <see cref="MapAsyncNode{K,V,VOut}"/> with a list of outputs.</summary>
internal sealed class FlatMapAsyncNode<K, V, VOut>(
    string name, StepOptions options, Func<RecordContext, V, CancellationToken, Task<IReadOnlyList<VOut>>> call) : AsyncNode<K, V>(name, options)
{
    public Port<K, VOut> Out { get; } = new();

    public override void Process(RecordContext context, K key, V value)
    {
        context.Item.CurrentStep = Name;
        context.Item.StartCall(new Call(this, call, context.Derive(Name), key, value));
    }

    private sealed class Call(FlatMapAsyncNode<K, V, VOut> node, Func<RecordContext, V, CancellationToken, Task<IReadOnlyList<VOut>>> call,
        RecordContext context, K key, V value) : AsyncCall(node, context.Item)
    {
        private IReadOnlyList<VOut> results = [];

        protected override int TimeoutMs => node.Options.TimeoutMs;
        public override int? MaxAttempts => node.Options.MaxAttempts;
        protected override async Task Invoke(CancellationToken cancel) => results = await call(context, value, cancel).ConfigureAwait(false);
        public override void Continue()
        {
            foreach (var result in results) node.Out.Forward(context, key, result);
        }
    }
}
