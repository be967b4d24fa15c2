using Microsoft.Extensions.Logging;

namespace StreamPlatform.Providers;

/// <summary>Counts calls and tells the observers.</summary>
internal sealed class CallRecorder(ProviderMetrics metrics, IReadOnlyList<ICallObserver> observers, ILogger logger)
{
    public void AttemptFailed(CallKind kind, CallFault fault) => metrics.AttemptFailed(kind, fault);

    public void Record(CallRecord call)
    {
        metrics.Called(call);
        foreach (var observer in observers)
        {
            try
            {
                observer.Completed(call);
            }
            catch (Exception e) when (e is not OutOfMemoryException)
            {
                Log.ObserverFailed(logger, e); // an answer that was paid for is not lost because nobody wrote it down
            }
        }
    }
}
