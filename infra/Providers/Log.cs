using Microsoft.Extensions.Logging;

namespace StreamPlatform.Providers;

internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Information, "{Count} API keys in force: {Hashes}")]
    public static partial void KeysInForce(ILogger logger, int count, string hashes);

    [LoggerMessage(2, LogLevel.Warning, "API key {Hash} is left alone for {Pause}: {Reason}")]
    public static partial void KeySetAside(ILogger logger, string hash, ProviderFailure reason, TimeSpan pause);

    [LoggerMessage(3, LogLevel.Warning, "the keys in force stay: {Problem}")]
    public static partial void KeyFileNotRead(ILogger logger, string problem);

    [LoggerMessage(4, LogLevel.Warning, "breaker of {Kind} calls: {From} -> {To}")]
    public static partial void BreakerChanged(ILogger logger, CallKind kind, BreakerState from, BreakerState to);

    [LoggerMessage(5, LogLevel.Debug, "{Kind} call for {Task}: attempt {Attempt} failed ({Fault}, key {Hash})")]
    public static partial void AttemptFailed(ILogger logger, CallKind kind, string task, int attempt, CallFault fault, string hash);

    [LoggerMessage(6, LogLevel.Warning, "{Kind} call for {Task} failed after {Attempts} attempts: {Failure}")]
    public static partial void CallFailed(ILogger logger, CallKind kind, string task, int attempts, ProviderFailure failure);

    [LoggerMessage(7, LogLevel.Error, "an observer of calls failed")]
    public static partial void ObserverFailed(ILogger logger, Exception error);

    [LoggerMessage(8, LogLevel.Warning, "the ledger failed after a {Kind} call for {Task}: its estimated cost stays reserved")]
    public static partial void CostNotSettled(ILogger logger, CallKind kind, string task);

    [LoggerMessage(9, LogLevel.Warning, "the price table does not know the model {Model}: its calls are charged as the dearest that it may be; name it in a price file (STREAMPLATFORM_LLM_PRICES)")]
    public static partial void PriceAssumed(ILogger logger, string model);

    [LoggerMessage(10, LogLevel.Information, "prices: {Source}; check them against your contract")]
    public static partial void Prices(ILogger logger, string source);

    [LoggerMessage(11, LogLevel.Warning, "which API keys are in force and the uses of {Keys} of them could not be written, tried again: {Reason}")]
    public static partial void KeyUsesNotWritten(ILogger logger, int keys, string reason);
}
