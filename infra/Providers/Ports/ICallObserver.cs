namespace StreamPlatform.Providers;

/// <summary>Told of every call when it is over: for cost events, records and dashboards. Must return quickly and not throw.</summary>
public interface ICallObserver
{
    void Completed(CallRecord call);
}

/// <summary>One call, whatever became of it. Holds nothing that was asked or answered.</summary>
/// <param name="At">When it was over.</param>
/// <param name="Context">Who asked, for what.</param>
/// <param name="Kind">What was asked for.</param>
/// <param name="Cost">Model, units and USD; of a failed call what was spent all the same.</param>
/// <param name="KeyHash">Start of the SHA-256 of the key used last; empty when no call was made.</param>
/// <param name="Attempts">Requests sent; 0 from the cache or when none was allowed.</param>
/// <param name="Failure">Null = answered, or given up by who asked.</param>
/// <param name="Cancelled">Given up by who asked.</param>
/// <param name="Duration">From the question to its end, waits included.</param>
/// <param name="PriceAssumed">The price table does not know the model: the cost is a guess.</param>
public sealed record CallRecord(
    DateTimeOffset At, CallContext Context, CallKind Kind, CallCost Cost, string KeyHash, int Attempts, ProviderFailure? Failure, bool Cancelled, TimeSpan Duration,
    bool PriceAssumed = false);

/// <summary>What is asked for.</summary>
public enum CallKind
{
    Chat,
    Audio,
    Speech,
}
