using StreamPlatform.Streams;
using StreamPlatform.Topology.Ladder;

namespace StreamPlatform.Hosting;

/// <summary>Tells the ladder whether the sinks can store. A batch that no attempt can store says nothing about the store.</summary>
public static class StoreSignals
{
    /// <summary>What is done after each write.</summary>
    public static Action<StoreWrite> To(SignalBoard board) => write =>
    {
        if (write.Error is null or TransientException)
        {
            board.Report(LadderComponent.Storage, write.Error is null, write.Sink);
        }
    };
}
