namespace StreamPlatform.Streams;

/// <summary>A flag that threads wait for. The runtime's threads block here and in <see cref="ITransport"/>, nowhere else.</summary>
public interface ISignal
{
    bool IsSet { get; }
    void Set();
    void Reset();
    /// <summary>True as soon as it is set, false after <paramref name="timeout"/>; <see cref="Timeout.InfiniteTimeSpan"/> waits without end.</summary>
    bool Wait(TimeSpan timeout);
}
