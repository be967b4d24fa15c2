namespace StreamPlatform.Streams;

/// <summary>One task's part of a keyed step.</summary>
internal sealed class KeyedState(KeyedStore store)
{
    public KeyedStore Store { get; } = store;
    public TimerQueue Timers { get; } = new();
    /// <summary>Due on the task's event time, ms since the epoch, not on the monotonic clock.</summary>
    public TimerQueue EventTimers { get; } = new();
}
