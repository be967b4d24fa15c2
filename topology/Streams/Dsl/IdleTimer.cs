namespace StreamPlatform.Streams;

/// <summary>
/// Fires when a key with state was silent for <paramref name="After"/> of wall-clock time, only while the partition is read to its end and
/// nothing of the key is in flight. Its state changes and outputs are one event of a transaction. After a restart the silence is counted anew: later, never earlier.
/// </summary>
public sealed record IdleTimer<TState, VOut>(TimeSpan After, Func<IKeyContext<TState>, IEnumerable<VOut>> Fire);
