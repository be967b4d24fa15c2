using StreamPlatform.Streams;

namespace StreamPlatform.Topology;

/// <summary>Turns pure functions <c>(state, record) -> (state, output)</c> into keyed steps of the runtime.</summary>
internal static class Keyed
{
    /// <summary>A step that sees and replaces the key's state.</summary>
    public static Func<IKeyContext<TState>, TIn, IEnumerable<TOut>> Step<TState, TIn, TOut>(Func<TState?, TIn, (TState State, TOut? Output)> step)
        where TState : class
        where TOut : class => (context, input) =>
    {
        var before = context.Get();
        var (after, output) = step(before, input);
        return Keep(context, before, after, output);
    };

    /// <summary>The same with the key.</summary>
    public static Func<IKeyContext<TState>, TIn, IEnumerable<TOut>> Step<TState, TIn, TOut>(Func<string, TState?, TIn, (TState State, TOut? Output)> step)
        where TState : class
        where TOut : class => (context, input) =>
    {
        var before = context.Get();
        var (after, output) = step(context.Key, before, input);
        return Keep(context, before, after, output);
    };

    /// <summary>A step that runs when nothing has arrived for the key for <paramref name="after"/>.</summary>
    public static IdleTimer<TState, TOut> OnIdle<TState, TOut>(TimeSpan after, Func<string, TState?, (TState State, TOut? Output)> step)
        where TState : class
        where TOut : class => new(after, context =>
    {
        var before = context.Get();
        var (state, output) = step(context.Key, before);
        return Keep(context, before, state, output);
    });

    /// <summary>None or one.</summary>
    public static IReadOnlyList<T> Some<T>(T? value) where T : class => value is null ? [] : [value];

    private static IReadOnlyList<TOut> Keep<TState, TOut>(IKeyContext<TState> context, TState? before, TState after, TOut? output)
        where TState : class
        where TOut : class
    {
        if (!ReferenceEquals(before, after))
        {
            context.Put(after);
        }

        return Some(output);
    }
}
