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

internal interface IGatedNode
{
    int MaxConcurrency { get; }
    int GateIndex { get; set; }
}

internal sealed class AsyncNode<K, V, VOut>(
    string name, StepOptions options, Func<RecordContext, V, CancellationToken, Task<VOut>> call) : AsyncNode<K, V>(name, options)
{
    public Port<K, VOut> Out { get; } = new();

    public override void Process(RecordContext context, K key, V value)
    {
        context.Item.CurrentStep = Name;
        context.Item.StartCall(new Call(this, call, context.Derive(Name), key, value));
    }

    private sealed class Call(AsyncNode<K, V, VOut> node, Func<RecordContext, V, CancellationToken, Task<VOut>> call,
        RecordContext context, K key, V value) : AsyncCall(node, context.Item)
    {
        private VOut? result;

        protected override int TimeoutMs => node.Options.TimeoutMs;
        public override int? MaxAttempts => node.Options.MaxAttempts;
        protected override async Task Invoke(CancellationToken cancel) => result = await call(context, value, cancel).ConfigureAwait(false);
        public override void Continue() => node.Out.Forward(context, key, result!);
    }
}

/// <summary>As <see cref="AsyncNode{K,V,VOut}"/> with a list of outputs.</summary>
internal sealed class FlatAsyncNode<K, V, VOut>(
    string name, StepOptions options, Func<RecordContext, V, CancellationToken, Task<IReadOnlyList<VOut>>> call) : AsyncNode<K, V>(name, options)
{
    public Port<K, VOut> Out { get; } = new();

    public override void Process(RecordContext context, K key, V value)
    {
        context.Item.CurrentStep = Name;
        context.Item.StartCall(new Call(this, call, context.Derive(Name), key, value));
    }

    private sealed class Call(FlatAsyncNode<K, V, VOut> node, Func<RecordContext, V, CancellationToken, Task<IReadOnlyList<VOut>>> call,
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
