namespace StreamPlatform.Streams;

/// <summary>Turns functions <c>(state, record) -> (new state, outputs)</c> into steps with keyed state.</summary>
internal static class PureStep
{
    public static Func<IKeyContext<TState>, V, IEnumerable<VOut>> Of<TState, V, VOut>(Func<RecordContext, TState?, V, (TState? State, IReadOnlyList<VOut> Outputs)> step) =>
        (context, value) =>
        {
            var before = context.Get();
            return Keep(context, before, step(context.Record, before, value));
        };

    public static IdleTimer<TState, VOut> OnIdle<TState, VOut>(TimeSpan silence, Func<RecordContext, TState, (TState? State, IReadOnlyList<VOut> Outputs)> step) =>
        new(silence, context => context.TryGet(out var before) ? Keep(context, before, step(context.Record, before)) : []);

    /// <summary>The same object again writes nothing; a number is written anew each time.</summary>
    private static IReadOnlyList<VOut> Keep<TState, VOut>(IKeyContext<TState> context, TState? before, (TState? State, IReadOnlyList<VOut> Outputs) after)
    {
        if (after.State is null) context.Delete();
        else if (!ReferenceEquals(before, after.State)) context.Put(after.State);
        return after.Outputs;
    }
}
