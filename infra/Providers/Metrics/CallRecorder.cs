using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace StreamPlatform.Providers;

/// <summary>Counts calls and tells the observers.</summary>
internal sealed class CallRecorder(ProviderMetrics metrics, PriceTable prices, IReadOnlyList<ICallObserver> observers, ILogger logger)
{
    /// <summary>Models said to be unknown, each once; a provider that invents names fills it, not the log.</summary>
    private const int MaxWarnings = 20;

    private readonly ConcurrentDictionary<string, bool> warned = [];

    public void BreakerChanged(CallKind kind, BreakerState to) => metrics.BreakerChanged(kind, to);

    public void AttemptFailed(CallKind kind, CallFault fault) => metrics.AttemptFailed(kind, fault);

    /// <param name="asked">Model that was asked for, whose price was taken.</param>
    public void Record(CallRecord call, string asked)
    {
        if (call.Cost is { CostUsd: > 0, FromCache: false } && prices.IsAssumed(asked))
        {
            call = call with { PriceAssumed = true };
            if (warned.Count < MaxWarnings && warned.TryAdd(asked, true))
            {
                Log.PriceAssumed(logger, asked);
            }
        }

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
