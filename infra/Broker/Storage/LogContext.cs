using Microsoft.Extensions.Logging;

namespace StreamPlatform.Broker.Storage;

/// <summary>What all logs of a broker share. <paramref name="Flusher"/> null: <see cref="Durability.Os"/>.</summary>
internal sealed record LogContext(TimeProvider Time, ILogger Logger, Flusher? Flusher)
{
    public bool Durable => Flusher is not null;
    public long NowMs => Time.GetUtcNow().ToUnixTimeMilliseconds();
}
