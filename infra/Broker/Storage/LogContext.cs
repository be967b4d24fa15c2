using Microsoft.Extensions.Logging;
using Microsoft.Win32.SafeHandles;

namespace StreamPlatform.Broker.Storage;

/// <summary>What all logs of a broker share. <paramref name="Flusher"/> null: <see cref="Durability.Os"/>.</summary>
internal sealed record LogContext(TimeProvider Time, ILogger Logger, Flusher? Flusher)
{
    /// <summary>fsync; IOException when the disk fails. A test puts a failing disk here.</summary>
    public Action<SafeFileHandle> FlushToDisk { get; init; } = RandomAccess.FlushToDisk;

    public bool Durable => Flusher is not null;
    public long NowMs => Time.GetUtcNow().ToUnixTimeMilliseconds();
}
